// From ports to where IP has what they receive, without a kernel.
#include "platform/rtnl/ports.hpp"

#include <array>
#include <gtest/gtest.h>

namespace rtnl_test {
namespace {

using Names = std::vector<std::string>;

const std::vector<rtnl::Link> kLinks{{1, "lo", true, 0, ""},        {2, "wan0", true, 4, ""},
                                     {3, "wan1", true, 4, ""},      {4, "bond0", true, 5, "bond"},
                                     {5, "br0", true, 0, "bridge"}, {6, "red0", true, 7, "veth"},
                                     {7, "red", true, 0, "vrf"},    {8, "lan0", true, 99, ""},
                                     {9, "br1", true, 7, "bridge"}, {10, "wan2", true, 9, ""}};

rtnl::Ports ports(const Names& names) {
  return rtnl::ports_among(kLinks, names);
}

TEST(Ports, WhatIsNoneHasNoCarrier) {
  EXPECT_EQ(ports({"lo", "br0", "nowhere"}), rtnl::Ports());
  EXPECT_EQ(ports({"lan0"}), rtnl::Ports()) << "its master went meanwhile";
}

TEST(Ports, EachBridgeAndBondAroundOneCarries) {
  const auto found = ports({"wan0", "wan1"});
  EXPECT_EQ(found.masters, (std::map<std::string, std::string>{{"wan0", "bond0"}, {"wan1", "bond0"}}));
  EXPECT_EQ(found.carriers, (Names{"bond0", "br0"}));
  EXPECT_EQ(ports({"wan0", "br0"}).carriers, Names{"bond0"}) << "the other one is named";
}

TEST(Ports, AVrfIsToldAndCarriesNothing) {
  EXPECT_EQ(ports({"red0"}).masters, (std::map<std::string, std::string>{{"red0", "red"}}));
  EXPECT_EQ(ports({"red0"}).carriers, Names());
  EXPECT_EQ(ports({"wan2"}).carriers, Names{"br1"}) << "as far as the VRF around it";
}

TEST(Ports, LinksThatGoInACircleEnd) {
  const std::array<rtnl::Link, 2> circle{rtnl::Link{1, "a", true, 2, "bridge"}, rtnl::Link{2, "b", true, 1, "bridge"}};
  EXPECT_EQ(rtnl::ports_among(circle, Names{"a"}).carriers, Names{"b"});
}

}  // namespace
}  // namespace rtnl_test
