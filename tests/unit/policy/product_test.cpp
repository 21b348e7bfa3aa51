#include "policy/product.hpp"

#include <gtest/gtest.h>

#include "unit/policy/build.hpp"

namespace policy_test {

using policy::DataPlane;
using policy::Snapshot;

const base::Selector kBranch = box("any", "10.1.0.0/16", "10.0.0.0/8");
const auto kWeb = flow("tcp 10.1.0.5:40000 > 10.2.0.7:443");

std::string product(std::vector<policy::Rule> rules, const base::Flow& flow = kWeb,
                    DataPlane plane = DataPlane::kKernel) {
  const Snapshot snapshot(std::move(rules));
  return policy::largest_product(snapshot, *snapshot.first_match(flow), flow, plane).text();
}

TEST(Product, IsTheRuleItselfWhenNothingStandsAbove) {
  EXPECT_EQ(product({protect("branch", kBranch)}), "any 10.1.0.0/16 > 10.0.0.0/8");
}

TEST(Product, AHoleInALargeRemoteCostsPrefixesAndNotTunnels) {
  EXPECT_EQ(product({bypass("lab", box("any", "10.1.0.0/16", "10.128.0.0/10")), protect("branch", kBranch)}),
            "any {10.1.0.0/16} > {10.0.0.0/9, 10.192.0.0/10}");
}

TEST(Product, IsCutOnTheSideWhereLessIsLost) {
  const auto printer = bypass("printer", box("any", "10.1.0.1/32", "10.128.0.0/9"));
  const std::string text = product({printer, protect("branch", kBranch)});
  EXPECT_TRUE(text.ends_with("} > {10.0.0.0/8}")) << text;
  EXPECT_NE(text.find("10.1.128.0/17"), std::string::npos) << text;
}

TEST(Product, TakesBackWhatTheOtherSideMadeHarmless) {
  // The second line needs no cut of its own: the first has taken its remote side away.
  EXPECT_EQ(product({bypass("lab", box("any", "10.0.0.0/8", "10.128.0.0/9")),
                     bypass("part", box("any", "10.1.128.0/17", "10.128.0.0/16")), protect("branch", kBranch)}),
            "any 10.1.0.0/16 > 10.0.0.0/9");
}

TEST(Product, OfTheFlowsProtocolWhenItsAddressesAreExemptInAnother) {
  EXPECT_EQ(
      product({bypass("names", box("udp", "10.1.0.0/16", "10.0.0.0/8", "any", "53")), protect("branch", kBranch)}),
      "tcp 10.1.0.0/16 > 10.0.0.0/8");
}

TEST(Product, GoesAroundAPortInRangesOrBlocks) {
  const std::vector rules = {bypass("ssh", box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "22")),
                             protect("branch", kBranch)};
  EXPECT_EQ(product(rules, kWeb, DataPlane::kUserspace), "tcp 10.1.0.0/16 > 10.0.0.0/8:23-65535");
  EXPECT_EQ(
      product(rules),
      "tcp {10.1.0.0/16} > {10.0.0.0/8:0-15, 10.0.0.0/8:16-19, 10.0.0.0/8:20-21, 10.0.0.0/8:23, 10.0.0.0/8:24-31, "
      "10.0.0.0/8:32-63, 10.0.0.0/8:64-127, 10.0.0.0/8:128-255 and 8 more}");
}

TEST(Product, ListsOfARuleAreOne) {
  auto rule = protect("branch", kBranch);
  rule.local = {addresses("10.1.0.0/17"), addresses("10.1.128.0/17"), addresses("10.3.0.0/16")};
  EXPECT_EQ(product({rule}), "any {10.1.0.0/16, 10.3.0.0/16} > {10.0.0.0/8}");
}

TEST(Product, OfIcmpKeepsItsTypes) {
  const auto echo = flow("icmp 10.1.0.5:8 > 10.2.0.7:0");
  EXPECT_EQ(product({bypass("reply", box("icmp", "10.1.0.0/16", "10.0.0.0/8", "0")), protect("branch", kBranch)}, echo),
            "icmp 10.1.0.0/16:8 > 10.0.0.0/8");
}

}  // namespace policy_test
