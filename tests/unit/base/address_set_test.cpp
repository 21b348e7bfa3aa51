#include "base/address_set.hpp"

#include <gtest/gtest.h>

namespace base {
namespace {

Address at(const char* text) {
  return *Address::parse(text);
}
Prefix net(const char* text) {
  return *Prefix::parse(text);
}
AddressSet of(std::initializer_list<const char*> prefixes) {
  AddressSet set;
  for (const char* one : prefixes) set.add(net(one));
  return set;
}

TEST(AddressSet, JoinsWhatTouches) {
  EXPECT_EQ(of({"10.1.1.0/24", "10.1.0.0/24"}).text(), "10.1.0.0/23");
  EXPECT_EQ(of({"10.1.0.0/16", "10.1.2.0/24"}).text(), "10.1.0.0/16");
  EXPECT_EQ(of({"10.2.0.0/16", "10.0.0.0/16"}).text(), "10.0.0.0/16, 10.2.0.0/16");
  EXPECT_EQ(of({"0.0.0.0/1", "128.0.0.0/1"}).text(), "0.0.0.0/0");
}

TEST(AddressSet, NeverJoinsFamilies) {
  const AddressSet set = of({"255.255.255.255", "::/128", "::/0"});
  EXPECT_EQ(set.text(), "255.255.255.255/32, ::/0");
  EXPECT_FALSE(set.covers(net("10.0.0.0/8")));
  EXPECT_TRUE(set.covers(net("2001:db8::/32")));
}

TEST(AddressSet, LeavesOutReversedAndMixedRanges) {
  AddressSet set;
  set.add(AddressRange{at("10.0.0.2"), at("10.0.0.1")});
  set.add(AddressRange{at("10.0.0.2"), at("::1")});
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.text(), "nothing");
}

TEST(AddressSet, CoversToTheLastAddress) {
  const AddressSet set = of({"10.1.0.0/16"});
  EXPECT_TRUE(set.contains(at("10.1.255.255")));
  EXPECT_FALSE(set.contains(at("10.2.0.0")));
  EXPECT_TRUE(set.covers(net("10.1.0.0/16")));
  EXPECT_FALSE(set.covers(net("10.0.0.0/15")));
  EXPECT_TRUE(set.covers(of({"10.1.3.0/24", "10.1.5.0/24"})));
  EXPECT_FALSE(set.covers(of({"10.1.3.0/24", "10.3.5.0/24"})));
  EXPECT_TRUE(set.covers(AddressSet{}));
}

TEST(AddressSet, AMaskThatIsNoPrefixIsTakenForAllAroundIt) {
  EXPECT_TRUE(of({"10.0.0.0/8"}).covers(*MaskedAddress::parse("10.0.0.1/255.0.0.255")));
  EXPECT_FALSE(of({"10.0.0.0/9"}).covers(*MaskedAddress::parse("10.0.0.1/255.0.0.255")));
}

TEST(AddressSet, CommonIsWhatBothHave) {
  EXPECT_EQ(of({"10.0.0.0/8", "2001:db8::/32"}).common(of({"10.1.0.0/16", "11.0.0.0/8", "2001:db8:1::/48"})),
            of({"10.1.0.0/16", "2001:db8:1::/48"}));
  EXPECT_TRUE(of({"10.0.0.0/8"}).common(of({"11.0.0.0/8"})).empty());
}

// Each prefix is tried, and what they cover together is the set again.
TEST(AddressSet, PrefixesAreTheSameAddresses) {
  AddressSet set;
  set.add(AddressRange{at("10.0.0.1"), at("10.0.0.10")});
  set.add(net("::/0"));
  std::string all;
  AddressSet again;
  for (const Prefix& one : set.prefixes()) {
    all += one.text() + " ";
    again.add(one);
  }
  EXPECT_EQ(all, "10.0.0.1/32 10.0.0.2/31 10.0.0.4/30 10.0.0.8/31 10.0.0.10/32 ::/0 ");
  EXPECT_EQ(again, set);
  EXPECT_EQ(set.text(), "10.0.0.1-10.0.0.10, ::/0");
}

}  // namespace
}  // namespace base
