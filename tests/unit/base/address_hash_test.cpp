// Addresses that were chosen to have one hash have many under another key.
#include "base/address_hash.hpp"

#include <gtest/gtest.h>
#include <unordered_set>

namespace base {
namespace {

constexpr AddressHash kKnown = AddressHash::keyed(0x0123456789abcdef);

std::unordered_set<std::uint32_t> low_halves(AddressHash hash, std::uint64_t high, std::uint64_t count) {
  std::unordered_set<std::uint32_t> all;
  for (std::uint64_t i = 0; i < count; ++i) {
    all.insert(static_cast<std::uint32_t>(hash(Address(Family::kV6, Uint128{high} << 64 | i))));
  }
  return all;
}

// Whoever knew the key could do this.
TEST(AddressHash, HasOneValueForAddressesOfWhoeverKnowsTheKey) {
  EXPECT_EQ(low_halves(kKnown, kKnown.high_key, 10'000).size(), 1U);
}

TEST(AddressHash, HasManyValuesForThemUnderAnotherKey) {
  EXPECT_GT(low_halves(AddressHash::keyed(0x0123456789abcdee), kKnown.high_key, 10'000).size(), 9'990U);
}

TEST(AddressHash, SpreadsNeighboursOfBothFamilies) {
  std::unordered_set<std::uint32_t> all;
  for (std::uint32_t i = 0; i < 10'000; ++i)
    all.insert(static_cast<std::uint32_t>(kKnown(Address::v4(0x0a000000 + i))));
  EXPECT_GT(all.size(), 9'990U);
  EXPECT_GT(low_halves(kKnown, 0x20010db800000000, 10'000).size(), 9'990U);
}

}  // namespace
}  // namespace base
