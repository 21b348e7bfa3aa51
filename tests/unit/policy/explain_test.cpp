#include "policy/explain.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string_view>

#include "policy/story.hpp"
#include "unit/policy/build.hpp"

namespace policy_test {

using policy::Action;
using policy::DataPlane;
using policy::explain;
using policy::Snapshot;

const auto kWeb = flow("tcp 10.1.0.5:40000 > 10.2.0.7:443");
const Snapshot kMine({protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"))});

TEST(Explain, WithoutPeerShowsTheOffer) {
  const auto story = explain(kMine, nullptr, kWeb, DataPlane::kKernel);
  EXPECT_EQ(story.mine.action, Action::kProtect);
  EXPECT_EQ(story.mine.rule, "branch");
  EXPECT_EQ(story.peer, std::nullopt);
  ASSERT_TRUE(story.tunnel);
  EXPECT_EQ(story.tunnel->boxes().size(), 1U);
  EXPECT_TRUE(story.contains_flow);
}

TEST(Explain, WritesThePeersPartFromMySide) {
  const Snapshot peer({bypass("ssh", box("tcp", "10.2.0.0/24", "10.0.0.0/8", "22", "any")),
                       protect("hub", box("tcp", "10.2.0.0/24", "10.0.0.0/8"))});
  const auto story = explain(kMine, &peer, kWeb, DataPlane::kUserspace);
  ASSERT_TRUE(story.peer);
  EXPECT_EQ(story.peer->rule, "hub");
  EXPECT_EQ(story.peer->proxy, box("tcp", "10.0.0.0/8", "10.2.0.0/24"));
  EXPECT_EQ(story.intersection, box("tcp", "10.1.0.0/16", "10.2.0.0/24"));
  ASSERT_TRUE(story.tunnel);
  EXPECT_EQ(story.tunnel->boxes(), (std::vector{box("tcp", "10.1.0.0/16", "10.2.0.0/24", "any", "23-65535")}));
  EXPECT_TRUE(story.contains_flow);
}

TEST(Explain, ShowsTheValueOfEachPart) {
  const Snapshot peer({protect("hub", box("any", "10.2.0.0/24", "10.1.0.0/16"))});
  const Snapshot mine({protect("mail", box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "443"))});
  const auto fine = explain(mine, &peer, kWeb, DataPlane::kKernel);
  EXPECT_EQ(fine.empty_because, std::nullopt);
  EXPECT_TRUE(fine.intersection);
  EXPECT_EQ(policy::part_text(*fine.intersection, policy::EmptyPart::kRemotePort), "443");
  EXPECT_EQ(policy::part_text(*fine.intersection, policy::EmptyPart::kProtocol), "tcp");
}

TEST(Explain, SaysNoTunnelWhenEitherEndDoesNotWantOne) {
  const Snapshot deaf({bypass("all", box("any", "10.2.0.0/24", "10.1.0.0/16"))});
  auto story = explain(kMine, &deaf, kWeb, DataPlane::kKernel);
  EXPECT_EQ(story.peer->action, Action::kBypass);
  EXPECT_EQ(story.peer->proxy, std::nullopt);
  EXPECT_EQ(story.intersection, std::nullopt);
  EXPECT_FALSE(story.tunnel);
  EXPECT_FALSE(story.contains_flow);

  auto silent = protect("silent", box("any", "10.2.0.0/24", "10.1.0.0/16"));
  silent.respond = false;
  const Snapshot quiet({silent});
  story = explain(kMine, &quiet, kWeb, DataPlane::kKernel);
  EXPECT_TRUE(story.intersection);
  EXPECT_FALSE(story.tunnel);

  auto passive = protect("passive", box("any", "10.1.0.0/16", "10.0.0.0/8"));
  passive.discover = false;
  EXPECT_FALSE(explain(Snapshot({passive}), nullptr, kWeb, DataPlane::kKernel).tunnel);
  EXPECT_EQ(explain(Snapshot{}, nullptr, kWeb, DataPlane::kKernel).mine.rule, std::nullopt);
}

TEST(Explain, TellsWhatTheDraftFormWouldMake) {
  const auto told = [](const base::Selector& mine, const base::Selector& theirs, bool draft = true) {
    auto rule = protect("branch", mine);
    rule.draft = draft;
    const Snapshot here({rule});
    const Snapshot there({protect("office", theirs)});
    return policy::story(explain(here, &there, kWeb, DataPlane::kKernel), here, &there, DataPlane::kKernel).back();
  };
  EXPECT_EQ(told(box("any", "10.1.0.0/16", "10.0.0.0/8"), box("any", "10.2.0.0/24", "10.1.0.0/16")),
            "in the draft form a tunnel would carry any 10.1.0.0/16 > 10.2.0.0/24");
  EXPECT_EQ(
      told(box("any", "10.1.0.0/16", "10.0.0.0/8"), box("any", "10.2.0.0/24", "10.1.0.0/24")),
      "in the draft form there would be no tunnel: by addresses alone the peer does not protect all flows of this "
      "gateway's half proxy 10.1.0.0/16");
  EXPECT_EQ(told(box("any", "10.1.0.0/16", "10.2.0.0/25"), box("any", "10.2.0.0/24", "10.1.0.0/16")),
            "in the draft form there would be no tunnel: the merged proxies any 10.1.0.0/16 > 10.2.0.0/24 are not all "
            "this gateway's to protect: rule 'branch' protects any 10.1.0.0/16 > 10.2.0.0/25");
  EXPECT_EQ(told(box("any", "10.1.0.0/16", "10.0.0.0/8"), box("any", "10.2.0.0/24", "10.1.0.0/16"), false),
            "a tunnel would carry any 10.1.0.0/16 > 10.2.0.0/24");
}

// A range is many lines, and what is wanted is the rule that made the hole.
TEST(Story, NamesARuleThatCutsByManyLinesOnce) {
  auto printers = bypass("printers", box("any", "10.1.0.64/32", "10.0.0.0/8"));
  for (const char* host : {"10.1.0.66/31", "10.1.0.68/30", "10.1.0.72/29", "10.1.0.80/28", "10.1.0.96/27"}) {
    printers.local.push_back(addresses(host));
  }
  const Snapshot mine({printers, protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"))});
  const auto why = policy::story(explain(mine, nullptr, kWeb, DataPlane::kKernel), mine, nullptr, DataPlane::kKernel);
  EXPECT_EQ(
      why.back(),
      "this gateway's earlier rule 'printers', any 10.1.0.64/32 > 10.0.0.0/8, any 10.1.0.66/31 > 10.0.0.0/8, any "
      "10.1.0.68/30 > 10.0.0.0/8, any 10.1.0.72/29 > 10.0.0.0/8 and 2 more, cuts the tunnel: it goes without local "
      "10.1.0.64/32, local 10.1.0.66/31, local 10.1.0.68/30, local 10.1.0.72/29 and 2 more");
}

// The flow's own line is the first; the hole is in the other one, and the tunnel has that, too.
TEST(Story, NamesARuleThatCutsAnotherLineOfTheFlowsRule) {
  auto branch = protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"));
  branch.remote.push_back(addresses("192.168.0.0/16"));
  const Snapshot mine({bypass("lab", box("any", "10.0.0.0/8", "192.168.7.0/24")), branch});
  const auto why = policy::story(explain(mine, nullptr, kWeb, DataPlane::kKernel), mine, nullptr, DataPlane::kKernel);
  EXPECT_EQ(why.back(),
            "this gateway's earlier rule 'lab', any 10.0.0.0/8 > 192.168.7.0/24, cuts the tunnel: it goes "
            "without remote 192.168.7.0/24");
}

bool tells(const policy::Rule& mine, const policy::Rule& theirs, std::string_view words) {
  const Snapshot here({mine});
  const Snapshot there({theirs});
  const auto why = policy::story(explain(here, &there, kWeb, DataPlane::kKernel), here, &there, DataPlane::kKernel);
  return std::ranges::any_of(why, [&](const std::string& one) { return one.find(words) != std::string::npos; });
}

TEST(Story, TellsWhoIsAnsweredWhoIsBelievedAndHowMuchIsTold) {
  const auto mine = protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"));
  const auto theirs = protect("office", box("any", "10.2.0.0/24", "10.1.0.0/16"));
  for (const char* words : {"authenticated", "disclose", "askers"}) EXPECT_FALSE(tells(mine, theirs, words)) << words;

  auto strict = mine;
  strict.authenticated = true;
  EXPECT_TRUE(tells(strict, theirs, "the rule takes answers of gateways that prove who they are alone"));
  auto other = theirs;
  other.authenticated = true;
  EXPECT_TRUE(tells(mine, other, "the peer's rule answers gateways that prove who they are alone"));
  other = theirs;
  other.disclose = policy::Disclose::kFlow;
  EXPECT_TRUE(tells(mine, other, "tells the part between the flow's two hosts alone (disclose = \"flow\")"));
  other.disclose = policy::Disclose::kNothing;
  EXPECT_TRUE(tells(mine, other, "is not answered by the peer's rule (disclose = \"nothing\")"));
  other = theirs;
  other.askers = {base::Prefix::parse("192.0.2.0/24").value()};
  EXPECT_TRUE(tells(mine, other, "(askers): 192.0.2.0/24"));
}

}  // namespace policy_test
