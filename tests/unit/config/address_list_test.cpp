#include "config/address_list.hpp"

#include <gtest/gtest.h>
#include <string>

namespace config_test {

std::string expanded(std::string_view text) {
  const auto list = config::parse_addresses(text);
  if (!list) return "! " + list.error().message;
  std::string all;
  for (const auto& entry : *list) all += (all.empty() ? "" : " ") + entry.text();
  return all;
}

TEST(Addresses, TakesEveryForm) {
  EXPECT_EQ(expanded("10.1.0.0/16"), "10.1.0.0/16");
  EXPECT_EQ(expanded("10.1.0.5"), "10.1.0.5/32");
  EXPECT_EQ(expanded("2001:db8::/32"), "2001:db8::/32");
  EXPECT_EQ(expanded("10.0.0.1/255.0.0.255"), "10.0.0.1/255.0.0.255");
  EXPECT_EQ(expanded("10.1.2.3/255.255.0.0"), "10.1.0.0/16");
  EXPECT_EQ(expanded("any"), "0.0.0.0/0 ::/0");
}

TEST(Addresses, RangeBecomesTheFewestPrefixes) {
  EXPECT_EQ(expanded("10.0.0.0-10.0.0.255"), "10.0.0.0/24");
  EXPECT_EQ(expanded("10.0.0.7-10.0.0.7"), "10.0.0.7/32");
  EXPECT_EQ(expanded("10.0.0.1-10.0.0.6"), "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32");
  EXPECT_EQ(expanded("0.0.0.0-255.255.255.255"), "0.0.0.0/0");
  EXPECT_EQ(expanded("255.255.255.254-255.255.255.255"), "255.255.255.254/31");
  EXPECT_EQ(expanded("2001:db8::-2001:db8::1:0"), "2001:db8::/112 2001:db8::1:0/128");
  EXPECT_EQ(expanded("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "::/0");
}

TEST(Addresses, WorstRangesStayBounded) {
  EXPECT_EQ(config::parse_addresses("0.0.0.1-255.255.255.254")->size(), 62U);
  EXPECT_EQ(config::parse_addresses("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")->size(), 254U);
}

TEST(Addresses, RefusesWhatMeansNothing) {
  EXPECT_EQ(expanded("10.0.0.9-10.0.0.1"), "! the range '10.0.0.9-10.0.0.1' is reversed");
  EXPECT_EQ(expanded("10.0.0.9-::1"), "! the range '10.0.0.9-::1' mixes IPv4 and IPv6");
  EXPECT_EQ(expanded("10.1.0.5/16"), "! '10.1.0.5/16' has host bits set behind the prefix");
  EXPECT_EQ(expanded("any/8"), "! 'any/8' gives any a prefix length");
  EXPECT_TRUE(expanded("").starts_with("! "));
  EXPECT_TRUE(expanded("10.1.0.0/33").starts_with("! "));
  EXPECT_TRUE(expanded("-").starts_with("! "));
  EXPECT_EQ(config::parse_addresses("10.1.0.5/16").error().hint, "the network is 10.1.0.0/16, the one host 10.1.0.5");
}

}  // namespace config_test
