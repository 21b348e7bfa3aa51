#include "base/prefix.hpp"

#include <gtest/gtest.h>
#include <string>

#include "base/host.hpp"

namespace base_test {

using base::Family;
using base::Prefix;

std::string prefix_round(std::string_view text) {
  const auto prefix = Prefix::parse(text);
  return prefix ? prefix->text() : prefix.error().hint;
}

TEST(Prefix, ReadsAndWrites) {
  EXPECT_EQ(prefix_round("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(prefix_round("10.1.0.0/16"), "10.1.0.0/16");
  EXPECT_EQ(prefix_round("10.1.0.5"), "10.1.0.5/32");
  EXPECT_EQ(prefix_round("2001:db8::/32"), "2001:db8::/32");
  EXPECT_EQ(prefix_round("::1"), "::1/128");
}

TEST(Prefix, RefusesHostBitsAndBadLengths) {
  EXPECT_EQ(prefix_round("10.1.2.3/16"), "the network is 10.1.0.0/16, the one host 10.1.2.3");
  EXPECT_EQ(prefix_round("10.1.0.0/33"), "a prefix length is a number from 0 to 32");
  EXPECT_EQ(prefix_round("::/129"), "a prefix length is a number from 0 to 128");
  for (const auto* text : {"10.1.0.0/", "10.1.0.0/-1", "10.1.0.0/ 8", "10.1.0.0/8/8", "/8", "10.1.0.0/08x"}) {
    EXPECT_FALSE(Prefix::parse(text)) << text;
  }
}

TEST(PrefixMask, HasThatManyLeadingOnes) {
  EXPECT_EQ(base::prefix_mask(Family::kV4, 0), 0U);
  EXPECT_EQ(base::prefix_mask(Family::kV4, 8), 0xff000000U);
  EXPECT_EQ(base::prefix_mask(Family::kV4, 32), 0xffffffffU);
  EXPECT_EQ(base::prefix_mask(Family::kV6, 0), 0U);
  EXPECT_EQ(base::prefix_mask(Family::kV6, 1), base::Uint128{1} << 127);
  EXPECT_EQ(base::prefix_mask(Family::kV6, 128), ~base::Uint128{0});
}

TEST(HostOf, IsAnAddressOrTheNetworkThatAHostOfIpv6HasToItself) {
  const auto host = [](std::string_view text) { return base::host_of(*base::Address::parse(text)).text(); };
  EXPECT_EQ(host("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(host("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_EQ(host("2001:db8:1:3::1"), "2001:db8:1:3::");
}

}  // namespace base_test
