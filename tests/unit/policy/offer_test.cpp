#include "policy/offer.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "policy/agree.hpp"
#include "unit/policy/build.hpp"

namespace policy_test {

using policy::Snapshot;

const base::Selector kBranch = box("any", "10.1.0.0/16", "10.0.0.0/8");
const auto kWeb = flow("tcp 10.1.0.5:40000 > 10.2.0.7:443");

// A bypass for every other host of 10.1.2.0 to 10.1.3.255 towards a network each; none of two can be one.
std::vector<policy::Rule> many_holes() {
  std::vector<policy::Rule> rules;
  for (int i = 0; i < 256; ++i) {
    const std::string host = "10.1." + std::to_string(2 + i / 128) + "." + std::to_string(i % 128 * 2) + "/32";
    rules.push_back(bypass("hole", box("tcp", host, "10." + std::to_string(i) + ".0.0/17")));
  }
  rules.push_back(protect("branch", kBranch));
  return rules;
}

// Room for so many of them, and for any number of ends.
policy::OfferRoom exemptions(std::size_t count) {
  return {.octets = count, .of_exemption = [](const base::Selector&) { return std::size_t{1}; }};
}

TEST(Offer, IsTheRuleAsItStandsWithTheLinesThatTouchIt) {
  const auto hole = box("tcp", "10.1.0.9/32", "0.0.0.0/0");
  const Snapshot snapshot(
      {bypass("hole", hole), bypass("far", box("any", "10.9.0.0/16", "10.0.0.0/8")), protect("branch", kBranch)});
  EXPECT_EQ(policy::offer(snapshot, kWeb), (policy::Offer{base::SelectorList::of(kBranch), {hole}}));
}

TEST(Offer, SaysManyLinesInFewerWords) {
  auto hosts = bypass("hosts", box("udp", "10.1.1.0/32", "10.2.0.0/15"));
  for (int i = 1; i < 100; ++i) hosts.local.push_back(addresses("10.1.1." + std::to_string(i) + "/32"));
  const Snapshot snapshot({hosts, protect("branch", kBranch)});
  const auto offer = policy::offer(snapshot, kWeb);
  // They hold P's remote address, so a tunnel can avoid them on its local side only, whatever their remote part is.
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->proxy, base::SelectorList::of(kBranch));
  EXPECT_EQ(offer->exempt, (std::vector{box("udp", "10.1.1.0/26", "0.0.0.0/0"), box("udp", "10.1.1.64/27", "0.0.0.0/0"),
                                        box("udp", "10.1.1.96/30", "0.0.0.0/0")}));
}

TEST(Offer, LeavesOutOtherProtocolsWhereNoTunnelCanHaveThem) {
  auto rules = many_holes();
  rules.insert(rules.begin(), bypass("here", box("udp", "10.1.0.5/32", "10.2.0.0/24")));
  const auto offer = policy::offer(Snapshot(rules), flow("esp 10.1.0.5 > 10.2.0.7"));
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->proxy, base::SelectorList::of(box("esp", "10.1.0.0/16", "10.0.0.0/8")));
  EXPECT_TRUE(offer->exempt.empty());
}

TEST(Offer, CarvesOutWhatItCannotTell) {
  const Snapshot snapshot(many_holes());
  const auto match = *snapshot.first_match(kWeb);
  ASSERT_GT(policy::everything(snapshot, match).exempt.size(), policy::kMaxOffered);
  for (const std::size_t room : {64U, 20U, 1U}) {
    const auto offer = policy::offer(snapshot, match, kWeb, exemptions(2 * room));
    EXPECT_TRUE(offer.contains(kWeb));
    EXPECT_LE(offer.exempt.size(), room);
    EXPECT_LE(offer.proxy.local.size(), policy::kMaxOffered);
    for (int i = 0; i < 256; ++i) {
      const auto hole = snapshot.rule(policy::RuleIndex{static_cast<std::uint32_t>(i)});
      base::Flow exempt = kWeb;
      exempt.source = hole.local.front().address();
      exempt.destination = hole.remote.front().address();
      EXPECT_FALSE(offer.contains(exempt)) << exempt.text();
    }
  }
}

// The centre has one rule and tells it; the branch cannot tell all of its own, and keeps to what it would have told.
TEST(Agree, IsTheSameWhicheverEndAsksWhereOneCannotTellAll) {
  const Snapshot branch(many_holes());
  const Snapshot centre({protect("centre", box("any", "10.0.0.0/8", "10.1.0.0/16"))});
  const auto plane = policy::DataPlane::kKernel;
  const auto asked_here = policy::agree(branch, kWeb, policy::offer(centre, kWeb.mirrored())->mirrored(), plane);
  const auto asked_there = policy::agree(centre, kWeb.mirrored(), policy::offer(branch, kWeb)->mirrored(), plane);
  ASSERT_TRUE(asked_here && asked_there);
  EXPECT_EQ(*asked_here, asked_there->mirrored());
}

}  // namespace policy_test
