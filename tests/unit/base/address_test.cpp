#include "base/address.hpp"

#include <gtest/gtest.h>
#include <string>

namespace base_test {

using base::Address;
using base::Family;

std::string round(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? address->text() : "error";
}

TEST(AddressV4, IsAStrictDottedQuad) {
  EXPECT_EQ(round("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(round("255.255.255.255"), "255.255.255.255");
  EXPECT_EQ(Address::parse("10.1.2.3")->value(), 0x0a010203U);
  for (const auto* text : {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.04", "1.2.3.+4", " 1.2.3.4", "1.2.3.4 ",
                           "1..2.3", "0x1.2.3.4", "1.2.3.4\n", "a"}) {
    EXPECT_EQ(round(text), "error") << text;
  }
}

// RFC 4291 section 2.2: what is read.
TEST(AddressV6, ReadsEveryForm) {
  EXPECT_EQ(round("2001:0DB8:0:0:8:800:200C:417A"), "2001:db8::8:800:200c:417a");
  EXPECT_EQ(round("::"), "::");
  EXPECT_EQ(round("::1"), "::1");
  EXPECT_EQ(round("1::"), "1::");
  EXPECT_EQ(round("::13.1.68.3"), "::d01:4403");
  EXPECT_EQ(round("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  EXPECT_EQ(round("1:2:3:4:5:6:7.8.9.10"), "1:2:3:4:5:6:708:90a");
  for (const auto* text :
       {":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1%eth0", "1:2:3:4:5:6:7::8",
        ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "1.2.3.4::", "::1.2.3", "[::1]", "::1.2.3.4:5"}) {
    EXPECT_EQ(round(text), "error") << text;
  }
}

// RFC 5952 section 4: what is written.
TEST(AddressV6, WritesTheCanonicalForm) {
  EXPECT_EQ(round("2001:db8:0:0:0:0:2:1"), "2001:db8::2:1");
  EXPECT_EQ(round("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(round("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(round("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(round("0:0:1:0:0:0:0:0"), "0:0:1::");
  EXPECT_EQ(round("2001:DB8::ABCD"), "2001:db8::abcd");
  EXPECT_EQ(round("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
}

TEST(Address, KnowsItsKind) {
  EXPECT_TRUE(Address::parse("224.0.0.5")->is_multicast());
  EXPECT_TRUE(Address::parse("ff02::1")->is_multicast());
  EXPECT_FALSE(Address::parse("223.255.255.255")->is_multicast());
  EXPECT_TRUE(Address::parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(Address::parse("::1")->is_loopback());
  EXPECT_TRUE(Address::parse("169.254.1.1")->is_link_local());
  EXPECT_TRUE(Address::parse("fe80::1")->is_link_local());
  for (const char* nobody : {"0.0.0.0", "0.255.255.255", "240.0.0.0", "255.255.255.255", "::ffff:192.0.2.1"})
    EXPECT_TRUE(Address::parse(nobody)->is_reserved()) << nobody;
  for (const char* somebody : {"1.0.0.0", "239.255.255.255", "192.0.2.1", "::1:0:0:1", "64:ff9b::192.0.2.1"})
    EXPECT_FALSE(Address::parse(somebody)->is_reserved()) << somebody;
  EXPECT_TRUE(Address::parse("255.255.255.255")->is_broadcast());
  EXPECT_TRUE(Address::parse("::")->is_unspecified());
}

TEST(Address, FamiliesNeverMeet) {
  EXPECT_NE(Address(Family::kV4, 1), Address(Family::kV6, 1));
  EXPECT_LT(Address(Family::kV4, 2), Address(Family::kV6, 1));
  EXPECT_NE(*Address::parse("::ffff:192.0.2.1"), *Address::parse("192.0.2.1"));
  EXPECT_EQ(Address(Family::kV4, base::Uint128{1} << 32).value(), 0U);
}

}  // namespace base_test
