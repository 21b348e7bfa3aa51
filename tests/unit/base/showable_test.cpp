#include "base/showable.hpp"

#include <gtest/gtest.h>
#include <string>

namespace base_test {
namespace {

TEST(Showable, WholeCharactersThatAreSeen) {
  EXPECT_EQ(base::showable_at("a", 0), 1U);
  EXPECT_EQ(base::showable_at(" ~", 1), 1U);
  EXPECT_EQ(base::showable_at("é", 0), 2U);
  EXPECT_EQ(base::showable_at("x✓", 1), 3U);
  EXPECT_EQ(base::showable_at("😀", 0), 4U);
}

TEST(Showable, NothingThatDoesSomethingInstead) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"\0"sv, "\n"sv, "\t"sv, "\x1b[31m"sv, "\x7f"sv, "\xc2\x9b"sv, "\u061c"sv,
                                      "\u200e"sv, "\u200f"sv, "\u202e"sv, "\u2066"sv, "\u2028"sv, "\u2029"sv}) {
    EXPECT_EQ(base::showable_at(text, 0), 0U) << text.size();
  }
}

TEST(Showable, NothingThatIsNoUtf8) {
  for (const std::string text : {"\x9b", "\xff", "\xc3", "\xe2\x9c", "\xf0\x9f\x98", "\xc0\x80", "\xe0\x80\x80",
                                 "\xf0\x80\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3(", "\x80"}) {
    EXPECT_EQ(base::showable_at(text, 0), 0U) << text.size();
  }
}

}  // namespace
}  // namespace base_test
