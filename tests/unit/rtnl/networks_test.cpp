// From tables to what lies behind an interface, without a kernel.
#include "platform/rtnl/networks.hpp"

#include <array>
#include <gtest/gtest.h>

namespace rtnl_test {
namespace {

using base::Prefix;
using rtnl::Route;

constexpr rtnl::Index kLan = 2;
constexpr rtnl::Index kWan = 3;

Prefix prefix(const char* text) {
  return Prefix::parse(text).value();
}

/// lan0 and wan0, both up.
rtnl::Tables tables(std::vector<Route> routes) {
  return {{{kLan, "lan0", true}, {kWan, "wan0", true}}, {}, std::move(routes)};
}

rtnl::InterfaceAddress address(rtnl::Index index, const char* own, unsigned length) {
  const auto parsed = base::Address::parse(own).value();
  return {index, parsed, Prefix(parsed, length)};
}

std::string behind(const rtnl::Tables& tables, const std::string& name = "lan0") {
  std::string text;
  const auto found = rtnl::interfaces_in(tables, std::array{name});
  for (const Prefix& one : found.at(name).networks) {
    text += (text.empty() ? "" : " ") + one.text();
  }
  return text;
}

TEST(Networks, AreThoseOfAddressesAndRoutes) {
  auto all = tables({{prefix("10.5.0.0/16"), 20, kLan}, {prefix("2001:db8:5::/48"), 1024, kLan}});
  all.addresses = {address(kLan, "10.1.0.1", 24), address(kWan, "192.0.2.1", 24), address(kLan, "2001:db8:1::1", 64)};
  EXPECT_EQ(behind(all), "10.1.0.0/24 10.5.0.0/16 2001:db8:1::/64 2001:db8:5::/48");
  EXPECT_EQ(behind(all, "wan0"), "192.0.2.0/24");
}

TEST(Networks, OneInsideAnotherIsNotSaidTwice) {
  EXPECT_EQ(behind(tables({{prefix("10.1.0.0/16"), 0, kLan}, {prefix("10.1.2.0/24"), 5, kLan}})), "10.1.0.0/16");
}

TEST(Networks, ALongerRouteElsewhereTakesItsAddressesOut) {
  const Route wide{prefix("10.1.0.0/22"), 0, kLan};
  EXPECT_EQ(behind(tables({wide, {prefix("10.1.1.0/24"), 0, kWan}})), "10.1.0.0/24 10.1.2.0/23");
  EXPECT_EQ(behind(tables({wide, {prefix("10.1.1.0/24"), 0, 0}})), "10.1.0.0/24 10.1.2.0/23") << "a black hole";
  EXPECT_EQ(behind(tables({wide, {prefix("10.1.0.0/23"), 0, kWan}, {prefix("10.1.1.0/24"), 0, kLan}})),
            "10.1.1.0/24 10.1.2.0/23");
  EXPECT_EQ(behind(tables({{prefix("10.0.0.0/8"), 0, kWan}, wide})), "10.1.0.0/22") << "a shorter one does not";
}

TEST(Networks, OfTwoRoutesTheLowerMetricCountsAndOfTwoWaysBoth) {
  const auto net = prefix("10.5.0.0/16");
  EXPECT_EQ(behind(tables({{net, 100, kWan}, {net, 20, kLan}})), "10.5.0.0/16");
  EXPECT_EQ(behind(tables({{net, 100, kLan}, {net, 20, kWan}})), "");
  EXPECT_EQ(behind(tables({{net, 20, kLan}, {net, 20, kWan}})), "10.5.0.0/16");
}

TEST(Networks, WhatIsNoNetworkIsLeftOut) {
  auto all = tables({{prefix("0.0.0.0/0"), 0, kLan},
                     {prefix("::/0"), 0, kLan},
                     {prefix("224.0.0.0/4"), 0, kLan},
                     {prefix("239.1.0.0/16"), 0, kLan},
                     {prefix("169.254.0.0/16"), 0, kLan},
                     {prefix("127.0.0.0/8"), 0, kLan},
                     {prefix("255.255.255.255/32"), 0, kLan},
                     {prefix("fe80::/64"), 0, kLan},
                     {prefix("ff00::/8"), 0, kLan},
                     {prefix("10.1.0.1/32"), 0, kLan},
                     {prefix("10.9.9.9/32"), 0, kLan}});
  all.addresses = {address(kLan, "10.1.0.1", 24), address(kLan, "fe80::1", 64), address(kLan, "198.51.100.7", 32)};
  EXPECT_EQ(behind(all), "10.1.0.0/24 10.9.9.9/32") << "another's host is a network, one of our own addresses none";
}

TEST(Networks, AnOwnAddressCountsWhereThereIsNothingElse) {
  auto all = tables({{prefix("2001:db8::1/128"), 256, kLan}});
  all.addresses = {address(kLan, "10.1.0.1", 32), address(kLan, "2001:db8::1", 128)};
  EXPECT_EQ(behind(all), "10.1.0.1/32 2001:db8::1/128");
  all.routes.push_back({prefix("10.5.0.0/16"), 0, kLan});
  EXPECT_EQ(behind(all), "10.5.0.0/16 2001:db8::1/128") << "each family by itself";
}

TEST(Networks, AnUnknownInterfaceIsDownAndHasNone) {
  const auto found = rtnl::interfaces_in(tables({}), std::array<std::string, 1>{"lan9"});
  EXPECT_EQ(found.at("lan9"), rtnl::Interface{});
}

TEST(Networks, ANameWithAStarStandsForAllThatBeginSo) {
  rtnl::Tables all{{{5, "pod1", false}, {6, "pod2", true}, {7, "po", true}},
                   {address(5, "169.254.1.1", 32), address(6, "169.254.1.1", 32)},
                   {{prefix("10.1.0.2/32"), 0, 5}, {prefix("10.1.0.3/32"), 0, 6}, {prefix("10.1.0.4/32"), 0, 7}}};
  EXPECT_EQ(behind(all, "pod*"), "10.1.0.2/32 10.1.0.3/32");
  EXPECT_EQ(behind(all, "po*"), "10.1.0.2/32 10.1.0.3/32 10.1.0.4/32");
  EXPECT_EQ(behind(all, "pod1"), "10.1.0.2/32");
  EXPECT_TRUE(rtnl::interfaces_in(all, std::array<std::string, 1>{"pod*"}).at("pod*").up) << "one of them is";
  EXPECT_EQ(rtnl::interfaces_in(all, std::array<std::string, 1>{"x*"}).at("x*"), rtnl::Interface{});
}

TEST(Networks, TooManyAreToldByOneMore) {
  std::vector<Route> routes;
  for (std::uint32_t i = 0; i < 2 * rtnl::kMaxNetworks; ++i) {
    routes.push_back({Prefix(base::Address::v4(0x0a000000 + 2 * i), 32), 0, kLan});
  }
  const auto found = rtnl::interfaces_in(tables(std::move(routes)), std::array<std::string, 1>{"lan0"});
  EXPECT_EQ(found.at("lan0").networks.size(), rtnl::kMaxNetworks + 1);
}

}  // namespace
}  // namespace rtnl_test
