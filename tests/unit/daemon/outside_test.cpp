#include "daemon/outside.hpp"

#include <gtest/gtest.h>

namespace tedd {
namespace {

base::Address address(const char* text) {
  return base::Address::parse(text).value();
}

config::Gateway gateway(std::vector<std::string> interfaces) {
  config::Gateway gateway;
  gateway.addresses = {address("192.0.2.1")};
  gateway.interfaces = std::move(interfaces);
  return gateway;
}

/// The address is the bridge's, and wan0 its port.
rtnl::Tables bridged(const std::string& kind = "bridge") {
  rtnl::Tables tables;
  tables.links = {{1, "lo", true, 0}, {2, "lan0", true, 0}, {3, "wan0", true, 4}, {4, "br0", true, 0, kind}};
  tables.addresses = {{4, address("192.0.2.1"), base::Prefix::parse("192.0.2.0/24").value()},
                      {9, address("198.51.100.1"), base::Prefix::parse("198.51.100.0/24").value()}};  // gone meanwhile
  return tables;
}

TEST(Outside, WhatFitsIsNotTold) {
  const Outside outside = outside_in(bridged(), gateway({"br0"}));
  EXPECT_TRUE(texts(outside).empty());
  EXPECT_TRUE(news({}, outside).empty());
  EXPECT_EQ(outside.ports, rtnl::Ports{});
}

TEST(Outside, WhatIsNoOtherMachinesIsTold) {
  rtnl::Tables tables = bridged();
  tables.addresses.push_back({4, address("10.9.0.1"), base::Prefix::parse("10.9.0.0/31").value()});
  tables.addresses.push_back({4, address("2001:db8::1"), base::Prefix::parse("2001:db8::/64").value()});
  EXPECT_EQ(outside_in(tables, gateway({"br0"})).addresses,
            (std::vector{address("192.0.2.1"), address("192.0.2.255"), address("198.51.100.1"),
                         address("198.51.100.255"), address("10.9.0.1"), address("2001:db8::1")}));
}

TEST(Outside, TheBridgeOfAPortIsTakenForNamedAndTold) {
  const Outside outside = outside_in(bridged("bridge"), gateway({"wan0"}));
  EXPECT_EQ(outside.ports.masters, (std::map<std::string, std::string>{{"wan0", "br0"}}));
  EXPECT_EQ(outside.ports.carriers, std::vector<std::string>{"br0"});
  EXPECT_TRUE(texts(outside).empty()) << texts(outside)[0];
  const auto told = news({}, outside);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].text,
            "wan0 is a port of br0, from which IP has what it receives: br0 is taken for one of 'interfaces' as well");
  EXPECT_TRUE(news(outside, outside).empty());
}

TEST(Outside, APortOfAVrfSeesNothingAndTheWayOutIsTold) {
  const Outside outside = outside_in(bridged("vrf"), gateway({"wan0"}));
  EXPECT_TRUE(outside.ports.carriers.empty());
  ASSERT_EQ(texts(outside).size(), 1U);
  EXPECT_TRUE(texts(outside)[0].starts_with("wan0 is a port of br0")) << texts(outside)[0];
  EXPECT_TRUE(texts(outside)[0].ends_with("name br0 in 'interfaces' and restart tedd")) << texts(outside)[0];
}

TEST(Outside, WhatComesIsToldOnce) {
  const Outside before = outside_in(bridged("bridge"), gateway({"br0", "ppp0"}));
  ASSERT_EQ(news({}, before).size(), 1U);
  rtnl::Tables tables = bridged("bridge");
  tables.links.push_back({5, "ppp0", true, 0});
  const auto told = news(before, outside_in(tables, gateway({"br0", "ppp0"})));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].is_trouble);
  EXPECT_EQ(told[0].text, "interface ppp0 is there now");
}

TEST(Outside, AnAddressThatComesLaterIsToldOnceAndWhenItIsThere) {
  rtnl::Tables tables = bridged();
  tables.addresses.clear();
  const Outside before = outside_in(tables, gateway({"br0"}));
  const auto told = news({}, before);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].is_trouble);
  EXPECT_TRUE(told[0].text.starts_with("192.0.2.1 of 'addresses' is not on this machine now")) << told[0].text;
  EXPECT_EQ(texts(before), std::vector{told[0].text});
  EXPECT_TRUE(news(before, before).empty());
  const auto later = news(before, outside_in(bridged(), gateway({"br0"})));
  ASSERT_EQ(later.size(), 1U);
  EXPECT_FALSE(later[0].is_trouble);
  EXPECT_EQ(later[0].text, "192.0.2.1 of 'addresses' is on this machine now");
}

TEST(Outside, WhatIsMistypedOrNotTheOuterOneIsTold) {
  const Outside mistyped = outside_in(bridged(), gateway({"rb0"}));
  EXPECT_EQ(mistyped.misfit.missing.at("rb0"), "did you mean br0? There are: br0, lan0, wan0");
  const Outside inner = outside_in(bridged(), gateway({"lan0"}));
  EXPECT_EQ(inner.misfit.elsewhere.at(address("192.0.2.1")), "br0");
}

}  // namespace
}  // namespace tedd
