#include "config/machine.hpp"

#include <gtest/gtest.h>

namespace config_test {
namespace {

base::Address address(const char* text) {
  return base::Address::parse(text).value();
}

config::Gateway gateway(std::vector<std::string> interfaces) {
  config::Gateway gateway;
  gateway.addresses = {address("192.0.2.1"), address("2001:db8::1")};
  gateway.interfaces = std::move(interfaces);
  return gateway;
}

config::MachineInterfaces machine() {
  return {{"lo", {address("127.0.0.1")}},
          {"lan0", {address("10.1.0.1")}},
          {"wan0", {address("192.0.2.1"), address("2001:db8::1")}}};
}

TEST(Machine, WhatFitsIsNotTold) {
  EXPECT_EQ(config::misfit(gateway({"wan0"}), machine()), config::Misfit{});
  EXPECT_EQ(config::misfit(gateway({"lan0", "wan0"}), machine()), config::Misfit{}) << "one of them has an address";
}

TEST(Machine, AnInterfaceThatIsNotThereComesWithTheOneThatMayBeMeant) {
  const auto found = config::misfit(gateway({"wan0", "wna0", "vlan.4000"}), machine());
  EXPECT_TRUE(found.elsewhere.empty());
  ASSERT_EQ(found.missing.size(), 2U);
  EXPECT_EQ(found.missing.at("wna0"), "did you mean wan0? There are: lan0, wan0");
  EXPECT_EQ(found.missing.at("vlan.4000"), "There are: lan0, wan0");
  ASSERT_EQ(config::texts(found).size(), 2U);
  EXPECT_EQ(config::texts(found)[1],
            "there is no interface wna0 now, which 'interfaces' names: no probe is taken off there; did you mean wan0? "
            "There are: lan0, wan0");
}

TEST(Machine, OfManyInterfacesSomeAreListed) {
  config::MachineInterfaces many;
  for (int i = 100; i < 600; ++i) many["veth" + std::to_string(i)];
  EXPECT_TRUE(config::misfit(gateway({"outside"}), many).missing.at("outside").ends_with(", veth111 and 488 more"));
  EXPECT_EQ(config::misfit(gateway({"wan0"}), {{"lo", {}}}).missing.at("wan0"),
            "there is none but the loopback interface");
}

TEST(Machine, AnInterfaceThatIsThereAndNotTheOuterOneComesWithTheOneThatHasTheAddress) {
  const auto found = config::misfit(gateway({"lan0"}), machine());
  EXPECT_EQ(found.elsewhere,
            (std::map<base::Address, std::string>{{address("192.0.2.1"), "wan0"}, {address("2001:db8::1"), "wan0"}}));
  EXPECT_EQ(config::texts(found)[0],
            "192.0.2.1 of 'addresses' is at wan0, which 'interfaces' does not name: no probe is taken off there; name "
            "it, unless it is not one to the outside");
  EXPECT_EQ(config::misfit(gateway({"lan0"}), {{"lo", {address("192.0.2.1"), address("2001:db8::1")}}, {"lan0", {}}}),
            config::Misfit{})
      << "addresses at the loopback interface are common on routers";
}

TEST(Machine, AnAddressThatNoInterfaceHasIsTold) {
  const auto found = config::misfit(gateway({"wan0"}), {{"lo", {}}, {"wan0", {address("192.0.2.1")}}});
  EXPECT_TRUE(found.missing.empty());
  EXPECT_TRUE(found.elsewhere.empty());
  EXPECT_EQ(found.absent, std::set{address("2001:db8::1")});
  ASSERT_EQ(config::texts(found).size(), 1U);
  EXPECT_TRUE(config::texts(found)[0].starts_with("2001:db8::1 of 'addresses' is not on this machine now: "));
  EXPECT_TRUE(config::misfit(gateway({"wna0"}), {{"wan0", {}}}).absent.empty()) << "the interface says it first";
}

TEST(Machine, AFileIsForTheMachineThatHasItsAddress) {
  EXPECT_TRUE(config::is_for(gateway({"x"}), machine()));
  EXPECT_FALSE(config::is_for(gateway({"x"}), {{"lo", {address("127.0.0.1")}}}));
}

}  // namespace
}  // namespace config_test
