#include "base/masked_address.hpp"

#include <gtest/gtest.h>
#include <string>

namespace base_test {

using base::MaskedAddress;

MaskedAddress masked(std::string_view text) {
  const auto parsed = MaskedAddress::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(MaskedAddress{});
}

TEST(MaskedAddress, ReadsPrefixesAndMasks) {
  EXPECT_EQ(masked("10.1.0.0/255.255.0.0"), masked("10.1.0.0/16"));
  EXPECT_EQ(masked("10.1.2.3/255.255.0.0"), masked("10.1.0.0/16"));
  EXPECT_EQ(masked("10.0.0.1/255.0.0.255").text(), "10.0.0.1/255.0.0.255");
  EXPECT_EQ(masked("2001:db8::1/ffff:ffff::ffff").text(), "2001:db8::1/ffff:ffff::ffff");
  EXPECT_EQ(masked("2001:db8::/ffff:ffff::").text(), "2001:db8::/32");
  EXPECT_EQ(masked("1.2.3.4/0.0.0.0").text(), "0.0.0.0/0");
  EXPECT_FALSE(MaskedAddress::parse("10.0.0.1/ffff::"));
  EXPECT_FALSE(MaskedAddress::parse("10.1.2.3/16"));
  EXPECT_FALSE(MaskedAddress::parse("10.1.2.3/255.255.0"));
}

TEST(MaskedAddress, SaysWhatIsWrongWithAMask) {
  EXPECT_EQ(
      MaskedAddress::parse("10.0.0.1/255.0.0.256").error().text(),
      "'10.0.0.1/255.0.0.256' has no valid mask: 255.0.0.256 (a mask is written like an address: 255.255.0.255 or "
      "ffff:ffff::ff)");
  EXPECT_TRUE(MaskedAddress::parse("10.0.0.0/33").error().text().find("prefix length") != std::string::npos);
}

TEST(MaskedAddress, ContainsCoversAndIntersects) {
  const auto odd = masked("10.0.0.1/255.0.0.255");
  EXPECT_TRUE(odd.contains(base::Address::v4(0x0a636301)));
  EXPECT_FALSE(odd.contains(base::Address::v4(0x0a636302)));
  EXPECT_TRUE(masked("10.0.0.0/8").covers(odd));
  EXPECT_FALSE(odd.covers(masked("10.0.0.0/8")));
  EXPECT_EQ(odd.intersect(masked("10.7.0.0/16"))->text(), "10.7.0.1/255.255.0.255");
  EXPECT_FALSE(odd.intersect(masked("10.7.0.2")));
  EXPECT_FALSE(masked("0.0.0.0/0").intersect(masked("::/0")));
  EXPECT_FALSE(masked("0.0.0.0/0").covers(masked("::/0")));
}

TEST(MaskedAddress, KnowsThePrefixAroundIt) {
  EXPECT_EQ(masked("10.0.0.1/255.0.0.255").covering_prefix().text(), "10.0.0.0/8");
  EXPECT_EQ(masked("10.0.0.1/255.0.0.255").prefix(), std::nullopt);
  EXPECT_EQ(masked("10.1.0.0/16").prefix()->text(), "10.1.0.0/16");
  EXPECT_EQ(masked("0.0.0.1/0.0.0.255").covering_prefix().text(), "0.0.0.0/0");
}

}  // namespace base_test
