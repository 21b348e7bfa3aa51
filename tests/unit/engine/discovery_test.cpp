// The table of moves, and every pair of state and cue.
#include "engine/discovery.hpp"

#include <gtest/gtest.h>
#include <set>

#include "engine/discoveries.hpp"

namespace engine {
namespace {

TEST(Moves, NoPairTwiceAndEachHasAStory) {
  std::set<std::pair<State, Cue>> pairs;
  for (const Move& move : kMoves) {
    EXPECT_TRUE(pairs.insert({move.from, move.cue}).second) << name(move.from) << " + " << name(move.cue);
    EXPECT_FALSE(move.story.empty());
  }
}

TEST(Moves, EveryStateButIdleIsReachedAndEveryStateButFinishedIsLeft) {
  std::set<State> reached{State::kIdle};
  std::set<State> left{State::kFinished};
  for (const Move& move : kMoves) {
    reached.insert(move.to);
    left.insert(move.from);
  }
  EXPECT_EQ(reached.size(), kStateCount);
  EXPECT_EQ(left.size(), kStateCount);
}

// Every pair: a legal one moves as the table says, an illegal one is counted and changes nothing.
TEST(Moves, EveryPair) {
  for (std::size_t s = 0; s < kStateCount; ++s) {
    for (std::size_t c = 0; c < kCueCount; ++c) {
      const auto state = static_cast<State>(s);
      const auto cue = static_cast<Cue>(c);
      Counters counters;
      Discoveries discoveries(counters);
      Discovery discovery;
      discovery.state = state;
      const Move* move = discoveries.advance(discovery, cue);
      const Move* legal = find_move(state, cue);
      EXPECT_EQ(move, legal);
      EXPECT_EQ(discovery.state, legal == nullptr ? state : legal->to) << name(state) << " + " << name(cue);
      EXPECT_EQ(counters.value(Counter::kIllegalMoves), legal == nullptr ? 1U : 0U);
    }
  }
}

base::Flow flow_to(std::uint32_t host) {
  return {base::Address::v4(0x0a010001), base::Address::v4(host), base::Protocol::kUdp, 1, 2};
}

TEST(Discoveries, AreFoundByKeyCookieAndDeadline) {
  Counters counters;
  Discoveries discoveries(counters);
  constexpr policy::RuleIndex kRule{3};
  Discovery* one = discoveries.add(flow_to(1), kRule, std::nullopt);
  Discovery* two = discoveries.add(flow_to(2), kRule, std::nullopt);
  ASSERT_TRUE(one != nullptr && two != nullptr);
  EXPECT_EQ(discoveries.find(kRule, base::Address::v4(2)), two);
  EXPECT_EQ(discoveries.find(policy::RuleIndex{4}, base::Address::v4(2)), nullptr);
  discoveries.set_cookie(*one, {1});
  discoveries.set_cookie(*one, {2});
  EXPECT_EQ(discoveries.find(wire::Cookie{1}), nullptr);
  EXPECT_EQ(discoveries.find(wire::Cookie{2}), one);
  const base::Instant start{};
  discoveries.set_deadline(*one, start + std::chrono::seconds(2));
  discoveries.set_deadline(*two, start + std::chrono::seconds(1));
  EXPECT_EQ(discoveries.next_deadline(), start + std::chrono::seconds(1));
  EXPECT_EQ(discoveries.due(start), nullptr);
  EXPECT_EQ(discoveries.due(start + std::chrono::seconds(5)), two);
  discoveries.erase(*two);
  EXPECT_EQ(discoveries.due(start + std::chrono::seconds(5)), one);
}

// Whatever one host asks for, others find room; what a host no longer has counts no more.
TEST(Discoveries, NoHostTakesTheTable) {
  Counters counters;
  Discoveries discoveries(counters);
  std::vector<Discovery*> of_one;
  base::Flow flow = flow_to(0);
  while (!discoveries.has_its_share(flow.source)) {
    flow.destination = flow_to(static_cast<std::uint32_t>(of_one.size())).destination;
    of_one.push_back(discoveries.add(flow, policy::RuleIndex{}, std::nullopt));
  }
  EXPECT_EQ(of_one.size(), kMaxDiscoveries / 2);
  base::Flow other = flow_to(0);
  other.source = base::Address::v4(0x0a010063);
  EXPECT_FALSE(discoveries.has_its_share(other.source));
  std::size_t of_other = 0;
  for (; !discoveries.has_its_share(other.source); ++of_other) {
    other.destination = flow_to(static_cast<std::uint32_t>(kMaxDiscoveries + of_other)).destination;
    ASSERT_NE(discoveries.add(other, policy::RuleIndex{}, std::nullopt), nullptr);
  }
  EXPECT_EQ(of_other, kMaxDiscoveries / 4);
  discoveries.set_flow(*of_one.back(), base::Flow(other));
  discoveries.erase(*of_one.front());
  for (std::size_t i = 1; i + 1 < of_one.size(); ++i) discoveries.erase(*of_one[i]);
  EXPECT_FALSE(discoveries.has_its_share(flow.source));
  EXPECT_EQ(discoveries.size(), of_other + 1);
}

TEST(Discoveries, AreBounded) {
  Counters counters;
  Discoveries discoveries(counters);
  for (std::uint32_t i = 0; i < kMaxDiscoveries; ++i) {
    ASSERT_NE(discoveries.add(flow_to(i), policy::RuleIndex{}, std::nullopt), nullptr);
  }
  EXPECT_EQ(discoveries.add(flow_to(kMaxDiscoveries), policy::RuleIndex{}, std::nullopt), nullptr);
}

}  // namespace
}  // namespace engine
