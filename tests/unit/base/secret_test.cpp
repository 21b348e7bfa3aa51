#include "base/secret.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace base {
namespace {

/// Of the storage that a container still has after it was emptied.
template <class T>
bool is_zero(const T* storage, std::size_t size) {
  return std::all_of(storage, storage + size, [](T one) { return one == 0; });
}

TEST(Wipe, OverwritesWhatTheStorageHeld) {
  Bytes bytes(100, 0xee);
  wipe(bytes);
  EXPECT_TRUE(bytes.empty());
  EXPECT_TRUE(is_zero(bytes.data(), 100));
  std::string text(100, 'x');
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_TRUE(is_zero(text.data(), 100));
}

TEST(SecretTest, IsInOnePlaceWhereverItGoes) {
  Bytes bytes(100, 0xee);
  const std::uint8_t* storage = bytes.data();
  Secret first(std::move(bytes));
  Secret second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is what is asked
  Secret third;
  third = std::move(second);
  EXPECT_EQ(third.view().data(), storage);
  EXPECT_EQ(third.view().size(), 100U);
}

TEST(SecretTest, IsComparedByItsBytes) {
  EXPECT_EQ(Secret("correct horse"), "correct horse");
  EXPECT_FALSE(Secret("correct horse") == "correct hors");
  EXPECT_EQ(Secret(), "");
}

}  // namespace
}  // namespace base
