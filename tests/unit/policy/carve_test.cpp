#include "policy/carve.hpp"

#include <gtest/gtest.h>

#include "policy/agree.hpp"
#include "unit/policy/build.hpp"

namespace policy_test {

using policy::DataPlane;
using policy::Snapshot;

const base::Selector kBranch = box("any", "10.1.0.0/16", "10.0.0.0/8");

std::optional<base::Selector> boxed(const Snapshot& snapshot, const base::Flow& flow, DataPlane plane) {
  const auto match = snapshot.first_match(flow);
  return match ? std::optional(policy::offer_box(snapshot, *match, flow, plane)) : std::nullopt;
}

TEST(Offer, IsTheLineItselfWhenNothingStandsAbove) {
  const Snapshot snapshot({protect("branch", kBranch)});
  EXPECT_EQ(boxed(snapshot, flow("tcp 10.1.0.5:40000 > 10.2.0.7:443"), DataPlane::kKernel), kBranch);
}

TEST(Offer, CutsTheAddressThatCostsLeast) {
  const Snapshot snapshot({bypass("lab", box("any", "10.1.0.0/16", "10.128.0.0/9")), protect("branch", kBranch)});
  EXPECT_EQ(boxed(snapshot, flow("tcp 10.1.0.5:40000 > 10.2.0.7:443"), DataPlane::kKernel),
            box("any", "10.1.0.0/16", "10.0.0.0/9"));
}

TEST(Offer, CutsAnotherProtocolToTheFlowsOwn) {
  const Snapshot snapshot({bypass("ssh", box("tcp", "10.1.0.0/16", "10.0.0.0/8")), protect("branch", kBranch)});
  EXPECT_EQ(boxed(snapshot, flow("udp 10.1.0.5:40000 > 10.2.0.7:443"), DataPlane::kKernel),
            box("udp", "10.1.0.0/16", "10.0.0.0/8"));
}

TEST(Offer, CutsPortsInThePlanesBlocks) {
  const Snapshot snapshot(
      {bypass("ssh", box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "22")), protect("branch", kBranch)});
  const auto web = flow("tcp 10.1.0.5:40000 > 10.2.0.7:443");
  EXPECT_EQ(boxed(snapshot, web, DataPlane::kUserspace), box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "23-65535"));
  EXPECT_EQ(boxed(snapshot, web, DataPlane::kKernel), box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "256-511"));
}

TEST(Offer, IsNothingForBypass) {
  const Snapshot snapshot({bypass("all", kBranch), protect("branch", kBranch)});
  EXPECT_EQ(policy::offer(snapshot, flow("udp 10.1.0.5:40000 > 10.2.0.7:443")), std::nullopt);
}

}  // namespace policy_test
