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
  EXPECT_EQ(policy::shadowed_rules(snapshot), (std::vector{Shadowed{RuleIndex{2}, {RuleIndex{0}, RuleIndex{1}}}}));
}

TEST(ShadowedRules, SeveralLinesTogetherAreNotSeen) {
  const Snapshot snapshot({bypass("a", box("any", "10.1.0.0/17", "10.5.0.0/16")),
                           bypass("b", box("any", "10.1.128.0/17", "10.5.0.0/16")),
                           protect("c", box("any", "10.1.0.0/16", "10.5.0.0/16"))});
  EXPECT_TRUE(policy::shadowed_rules(snapshot).empty());
}

TEST(OverlappingRules, ArePairsOfProtectRules) {
  const Snapshot snapshot(
      {protect("a", box("tcp", "10.1.0.0/16", "10.0.0.0/8")), bypass("b", box("any", "10.1.0.0/16", "10.0.0.0/8")),
       protect("c", box("any", "10.0.0.0/8", "10.5.0.0/16")), protect("d", box("udp", "10.1.0.0/16", "10.5.0.0/16"))});
  using policy::Overlap;
  const std::vector all = {Overlap{RuleIndex{2}, RuleIndex{0}}, Overlap{RuleIndex{3}, RuleIndex{2}}};
  EXPECT_EQ(policy::overlapping_rules(snapshot, 100), all);
  EXPECT_EQ(policy::overlapping_rules(snapshot, 1).size(), 1U);
}

}  // namespace policy_test
