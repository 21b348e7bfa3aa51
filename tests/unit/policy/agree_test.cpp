#include "policy/agree.hpp"

#include <gtest/gtest.h>

#include "policy/sound.hpp"
#include "unit/policy/build.hpp"

namespace policy_test {

using policy::DataPlane;
using policy::Snapshot;
using Reason = policy::Disagreement::Reason;

policy::Offer only(const base::Selector& proxy) {
  return {base::SelectorList::of(proxy), {}};
}

const auto kWeb = flow("tcp 10.1.0.5:40000 > 10.2.0.7:443");
const Snapshot kMine({protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"))});

TEST(Agree, IsTheIntersectionOfBothOffers) {
  EXPECT_EQ(policy::agree(kMine, kWeb, only(box("tcp", "10.0.0.0/8", "10.2.0.0/24", "any", "443")), DataPlane::kKernel),
            base::SelectorList::of(box("tcp", "10.1.0.0/16", "10.2.0.0/24", "any", "443")));
}

TEST(Agree, SaysWhyThereIsNothing) {
  const auto theirs = only(box("any", "10.7.0.0/16", "10.2.0.0/24"));
  const auto empty = policy::agree(kMine, kWeb, theirs, DataPlane::kKernel);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().reason, Reason::kEmpty);
  EXPECT_EQ(empty.error().part, policy::EmptyPart::kLocal);
  EXPECT_EQ(empty.error().text(),
            "nothing in common in local: mine any 10.1.0.0/16 > 10.0.0.0/8, theirs any 10.7.0.0/16 > 10.2.0.0/24");

  const auto outside = policy::agree(kMine, kWeb, only(box("any", "10.1.0.0/16", "10.3.0.0/16")), DataPlane::kKernel);
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().reason, Reason::kFlowOutside);

  const auto unmatched = policy::agree(Snapshot{}, kWeb, theirs, DataPlane::kKernel);
  ASSERT_FALSE(unmatched);
  EXPECT_EQ(unmatched.error().reason, Reason::kNotProtected);
}

TEST(Agree, TakesOfAMaskAsManyPrefixesAsATunnelHolds) {
  const auto theirs = only(box("any", "10.1.0.0/16", "10.0.0.7/255.0.0.255"));
  const auto agreed = policy::agree(kMine, kWeb, theirs, DataPlane::kKernel);
  ASSERT_TRUE(agreed);
  EXPECT_TRUE(agreed->contains(kWeb));
  EXPECT_EQ(agreed->local.size(), 1U);
  EXPECT_EQ(agreed->remote.size(), policy::max_ends(DataPlane::kKernel));
  for (const auto& end : agreed->remote) EXPECT_TRUE(theirs.proxy.remote.front().address.covers(end.address));
}

// Ends of one list should all have the same; a peer may send what it likes.
TEST(Agree, ReadsTypeAndCodeOfEveryEnd) {
  policy::Offer theirs = only(box("icmp", "10.1.0.0/16", "10.2.0.0/24", "0", "0"));
  theirs.proxy.local.push_back({addresses("10.1.0.0/24"), ports("8")});
  theirs.proxy.remote.push_back({addresses("10.2.0.0/25"), ports("any")});
  const auto ping = flow("icmp 10.1.0.5:8 > 10.2.0.7:0");
  ASSERT_TRUE(theirs.contains(ping));
  const auto agreed = policy::agree(kMine, ping, theirs, DataPlane::kUserspace);
  ASSERT_TRUE(agreed);
  EXPECT_TRUE(agreed->contains(ping));
  for (const auto& one : agreed->boxes()) EXPECT_TRUE(box("icmp", "10.1.0.0/24", "10.2.0.0/24", "8", "0").covers(one));
}

TEST(Agree, KeepsOutWhatThePeerExempts) {
  policy::Offer theirs = only(box("any", "10.1.0.0/16", "10.2.0.0/24"));
  theirs.exempt.push_back(box("any", "10.1.0.0/16", "10.2.0.128/25"));
  EXPECT_EQ(policy::agree(kMine, kWeb, theirs, DataPlane::kKernel),
            base::SelectorList::of(box("any", "10.1.0.0/16", "10.2.0.0/25")));
  theirs.exempt.push_back(box("tcp", "10.0.0.0/8", "10.2.0.0/16", "any", "443"));
  const auto outside = policy::agree(kMine, kWeb, theirs, DataPlane::kKernel);
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().reason, Reason::kFlowOutside);
}

TEST(ForResponse, NarrowsRangesToTheFlowsOwnPort) {
  EXPECT_EQ(policy::for_response(box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "400-500"), kWeb),
            box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "443"));
  const auto plain = box("any", "10.1.0.0/16", "10.0.0.0/8");
  EXPECT_EQ(policy::for_response(plain, kWeb), plain);
}

TEST(Sound, NeedsOneProtectRuleForTheWholeBox) {
  auto two = protect("two", box("any", "10.1.0.0/17", "10.0.0.0/8"));
  two.local.push_back(addresses("10.1.0.0/16"));
  const Snapshot snapshot({bypass("ssh", box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "22")), two});
  EXPECT_EQ(policy::sound(snapshot, box("udp", "10.1.0.0/16", "10.0.0.0/8")), policy::RuleIndex{1});
  EXPECT_EQ(policy::sound(snapshot, box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "443")), policy::RuleIndex{1});
  EXPECT_FALSE(policy::sound(snapshot, box("tcp", "10.1.0.0/16", "10.0.0.0/8")));
  EXPECT_FALSE(policy::sound(snapshot, box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "22")));
  EXPECT_FALSE(policy::sound(snapshot, box("udp", "10.0.0.0/15", "10.0.0.0/8")));
  EXPECT_FALSE(policy::sound(Snapshot{}, box("udp", "10.0.0.0/15", "10.0.0.0/8")));
}

}  // namespace policy_test
