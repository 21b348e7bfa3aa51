#include "policy/report.hpp"

#include <gtest/gtest.h>

#include "unit/policy/build.hpp"

namespace policy_test {

using policy::RuleIndex;
using policy::Shadowed;
using policy::Snapshot;

TEST(ShadowedRules, AreCoveredLineByLine) {
  auto pair = protect("pair", box("tcp", "10.1.0.0/16", "10.5.0.0/16"));
  pair.remote.push_back(addresses("10.6.0.0/16"));
  const Snapshot snapshot({bypass("a", box("any", "10.1.0.0/16", "10.5.0.0/16")),
                           bypass("b", box("tcp", "10.0.0.0/8", "10.6.0.0/16")), pair,
                           protect("c", box("udp", "10.1.0.0/16", "10.6.0.0/16"))});
  EXPECT_EQ(policy::shadowed_rules(snapshot).found,
            (std::vector{Shadowed{RuleIndex{2}, {RuleIndex{0}, RuleIndex{1}}}}));
}

TEST(ShadowedRules, SeveralLinesTogether) {
  const auto tail = protect("c", box("any", "10.1.0.0/16", "10.5.0.0/16"));
  const auto lower = bypass("a", box("any", "10.1.0.0/17", "10.5.0.0/16"));
  const auto upper = bypass("b", box("any", "10.1.128.0/17", "10.5.0.0/16"));
  const auto elsewhere = bypass("e", box("any", "10.1.0.0/24", "10.5.0.0/24"));
  const auto shadows = policy::shadowed_rules(Snapshot({elsewhere, lower, upper, tail}));
  EXPECT_EQ(shadows.found, (std::vector{Shadowed{RuleIndex{3}, {RuleIndex{1}, RuleIndex{2}}}}));
  const auto most = bypass("b", box("any", "10.1.128.0/17", "10.5.0.0/17"));
  EXPECT_TRUE(policy::shadowed_rules(Snapshot({lower, most, tail})).found.empty());
}

TEST(ShadowedRules, AllButOneFlowIsNotAll) {
  const auto tail = protect("tail", box("tcp", "10.1.0.1/32", "10.5.0.0/16", "any", "any"));
  const auto low = bypass("low", box("tcp", "10.0.0.0/8", "10.0.0.0/8", "any", "0-999"));
  const auto high = bypass("high", box("any", "10.1.0.0/16", "10.5.0.0/16"));
  auto gap = high;
  gap.remote = {addresses("10.5.128.0/17"), addresses("10.5.64.0/18"), addresses("10.5.1.0/255.255.1.0")};
  EXPECT_TRUE(policy::shadowed_rules(Snapshot({low, gap, tail})).found.empty());
  gap.remote.push_back(addresses("10.5.0.0/255.255.1.0"));
  EXPECT_EQ(policy::shadowed_rules(Snapshot({low, gap, tail})).found.size(), 1U);
}

TEST(ShadowedRules, EveryTypeIsEveryIcmpFlow) {
  const auto low = bypass("low", box("icmp", "10.0.0.0/8", "10.0.0.0/8", "0-7", "any"));
  const auto high = bypass("high", box("icmp", "10.0.0.0/8", "10.0.0.0/8", "8-255", "0-255"));
  const auto ping = protect("ping", box("icmp", "10.1.0.0/16", "10.2.0.0/16"));
  EXPECT_EQ(policy::shadowed_rules(Snapshot({low, high, ping})).found.size(), 1U);
  EXPECT_TRUE(policy::shadowed_rules(Snapshot({low, ping})).found.empty());
}

TEST(ShadowedRules, BeyondTheBoundIsNotKnown) {
  const Snapshot snapshot({bypass("a", box("any", "10.1.0.0/17", "10.5.0.0/16")),
                           bypass("b", box("any", "10.1.128.0/17", "10.5.0.0/16")),
                           protect("c", box("any", "10.1.0.0/16", "10.5.0.0/16"))});
  for (auto bound : {&policy::ReportBounds::compared, &policy::ReportBounds::visited, &policy::ReportBounds::divided,
                     &policy::ReportBounds::divided_each}) {
    policy::ReportBounds bounds;
    bounds.*bound = 1;
    const auto shadows = policy::shadowed_rules(snapshot, bounds);
    EXPECT_TRUE(shadows.found.empty());
    EXPECT_EQ(shadows.unknown, std::vector{RuleIndex{2}});
  }
}

TEST(OverlappingRules, ArePairsOfProtectRules) {
  const Snapshot snapshot(
      {protect("a", box("tcp", "10.1.0.0/16", "10.0.0.0/8")), bypass("b", box("any", "10.1.0.0/16", "10.0.0.0/8")),
       protect("c", box("any", "10.0.0.0/8", "10.5.0.0/16")), protect("d", box("udp", "10.1.0.0/16", "10.5.0.0/16"))});
  using policy::Overlap;
  const std::vector all = {Overlap{RuleIndex{2}, RuleIndex{0}}, Overlap{RuleIndex{3}, RuleIndex{2}}};
  EXPECT_EQ(policy::overlapping_rules(snapshot, 100), (policy::Overlaps{all, 0, true}));
  EXPECT_EQ(policy::overlapping_rules(snapshot, 1), (policy::Overlaps{{all[0]}, 1, true}));
  EXPECT_FALSE(policy::overlapping_rules(snapshot, 1, {.compared = 1}).complete);
}

}  // namespace policy_test
