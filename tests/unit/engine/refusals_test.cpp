// What strongSwan did not bring up is held down by rule, gateway and product: how long, for whom, and how many of them.
#include "engine/refusals.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <vector>

#include "engine/hold_down.hpp"
#include "sim/random.hpp"

namespace engine {
namespace {

using namespace std::chrono_literals;

constexpr policy::RuleIndex kRule{3};
const base::Address kGateway = base::Address::v4(0xc0000202);
constexpr base::Instant kStart{1h};

/// Chance that always says the same: nothing, or the most there is.
class Fixed final : public Random {
 public:
  explicit Fixed(bool most) : most_(most) {}
  std::uint64_t secret() override { return 1; }
  std::uint64_t jitter(std::uint64_t bound) override { return most_ ? bound - 1 : 0; }

 private:
  bool most_;
};

base::SelectorList product(const char* remote) {
  return base::SelectorList::of(
      {std::nullopt, *base::MaskedAddress::parse("10.1.0.0/16"), *base::MaskedAddress::parse(remote), {}, {}});
}
base::Flow flow_to(std::uint32_t host) {
  base::Flow flow = *base::Flow::parse("udp 10.1.0.10:40000 > 10.2.0.1:53");
  flow.destination = base::Address::v4(0x0a020000 + host);
  return flow;
}

class RefusalsTest : public ::testing::Test {
 protected:
  base::Instant fail(base::Instant now, const char* remote = "10.2.0.0/16", base::Address gateway = kGateway) {
    refusals_.found(kRule, flow_to(1).destination, gateway);
    return refusals_.failed(kRule, gateway, product(remote), "AUTHENTICATION_FAILED", random_, now);
  }

  Fixed random_{false};
  Counters counters_;
  Refusals refusals_{1, counters_};
};

TEST_F(RefusalsTest, EachFailureDoublesTheHoldDownUpToItsCap) {
  base::Instant now = kStart;
  for (const base::Duration hold : std::array<base::Duration, 6>{1s, 2s, 4s, 4s, 4s, 4s}) {
    EXPECT_EQ(fail(now) - now, hold);
    now += hold;
  }
  for (int more = 0; more < 100; ++more) EXPECT_EQ(fail(now) - now, kHoldDownMax);
  EXPECT_EQ(refusals_.size(), 1U);
}

TEST_F(RefusalsTest, WhatIsRememberedNoMoreBeginsAnew) {
  static_cast<void>(fail(kStart));
  const base::Instant until = fail(kStart + 1s);
  EXPECT_EQ(fail(until + kRest - 1ms) - (until + kRest - 1ms), 4s);
  const base::Instant last = until + kRest - 1ms + 4s;
  EXPECT_EQ(fail(last + kRest) - (last + kRest), kHoldDown);
}

TEST(Spread, AddsUpToAnEighthAndNoMore) {
  Fixed least(false);
  Fixed most(true);
  EXPECT_EQ(spread(4s, least), 4s);
  EXPECT_EQ(spread(4s, most), 4500ms);
  sim::SeededRandom random(1);
  std::vector<base::Duration> seen;
  for (int i = 0; i < 1000; ++i) seen.push_back(spread(4s, random));
  const auto [shortest, longest] = std::ranges::minmax(seen);
  EXPECT_GE(shortest, 4s);
  EXPECT_LE(longest, 4500ms);
  EXPECT_GT(longest - shortest, 400ms);  // all of it is used
  std::ranges::sort(seen);
  EXPECT_GT(std::ranges::distance(seen.begin(), std::ranges::unique(seen).begin()), 900);
}

TEST_F(RefusalsTest, HoldsDownThatRuleGatewayAndProductAlone) {
  const base::Instant until = fail(kStart);
  const auto held = [&](policy::RuleIndex rule, base::Address gateway, const char* remote, base::Instant now) {
    return refusals_.held(rule, gateway, product(remote), now) != nullptr;
  };
  EXPECT_TRUE(held(kRule, kGateway, "10.2.0.0/16", kStart));
  EXPECT_TRUE(held(kRule, kGateway, "10.2.7.0/24", kStart));
  EXPECT_FALSE(held(kRule, kGateway, "10.2.0.0/15", kStart));
  EXPECT_FALSE(held(kRule, kGateway, "10.3.0.0/16", kStart));
  EXPECT_FALSE(held(policy::RuleIndex{4}, kGateway, "10.2.0.0/16", kStart));
  EXPECT_FALSE(held(kRule, base::Address::v4(1), "10.2.0.0/16", kStart));
  EXPECT_FALSE(held(kRule, kGateway, "10.2.0.0/16", until));
  EXPECT_EQ(refusals_.held(kRule, kGateway, product("10.2.0.0/16"), kStart)->reason, "AUTHENTICATION_FAILED");
}

TEST_F(RefusalsTest, FewProbesGoOutWhileItLastsAndOneOnTrialBehindIt) {
  const base::Instant until = fail(kStart);
  const auto probes = [&](base::Instant now) {
    unsigned sent = 0;
    for (int again = 0; again < 4; ++again) {
      for (std::uint32_t host = 0; host < 250; ++host) sent += refusals_.may_probe(kRule, flow_to(host), now) ? 1U : 0U;
    }
    return sent;
  };
  EXPECT_EQ(probes(kStart), kRefusedTrialsBurst);
  EXPECT_EQ(probes(kStart), 0U);
  EXPECT_EQ(probes(until), 1 + kRefusedTrials);  // after one second
  EXPECT_EQ(probes(until), 0U);
  base::Flow outside = flow_to(1);
  outside.destination = base::Address::v4(0x0a030001);
  EXPECT_TRUE(refusals_.may_probe(kRule, outside, until));
  EXPECT_TRUE(refusals_.may_probe(policy::RuleIndex{4}, flow_to(1), until));
  EXPECT_EQ(probes(until + kRest), 1000U);
}

TEST_F(RefusalsTest, KeepsFromBeingProbedForWhatIsNearWhereTheGatewayWasFound) {
  static_cast<void>(fail(kStart));
  while (refusals_.may_probe(kRule, flow_to(1), kStart)) continue;
  EXPECT_FALSE(refusals_.may_probe(kRule, flow_to(255), kStart));
  EXPECT_NE(refusals_.keeping(kRule, flow_to(255), kStart), nullptr);
  EXPECT_TRUE(refusals_.may_probe(kRule, flow_to(256), kStart));
  EXPECT_EQ(refusals_.keeping(kRule, flow_to(256), kStart), nullptr);
  refusals_.found(kRule, flow_to(256).destination, kGateway);
  EXPECT_FALSE(refusals_.may_probe(kRule, flow_to(256), kStart));
  refusals_.found(kRule, flow_to(256).destination, base::Address::v4(1));
  EXPECT_TRUE(refusals_.may_probe(kRule, flow_to(256), kStart)) << "another gateway was found there since";
  EXPECT_EQ(refusals_.keeping(kRule, flow_to(1), kStart + kHoldDown + kRest), nullptr);
}

TEST_F(RefusalsTest, WhereGatewaysWereFoundIsBoundedAndTheOldestGoes) {
  static_cast<void>(fail(kStart));
  while (refusals_.may_probe(kRule, flow_to(1), kStart)) continue;
  for (std::uint32_t i = 1; i < kMaxRefusedNetworks; ++i)
    refusals_.found(kRule, base::Address::v4(0x0b000000 + (i << 8)), kGateway);
  EXPECT_FALSE(refusals_.may_probe(kRule, flow_to(1), kStart));
  refusals_.found(kRule, base::Address::v4(0x0c000000), kGateway);
  EXPECT_TRUE(refusals_.may_probe(kRule, flow_to(1), kStart));
}

TEST_F(RefusalsTest, AGatewayThatIsForgottenIsAskedAgain) {
  const base::Address other = base::Address::v4(1);
  static_cast<void>(fail(kStart));
  static_cast<void>(fail(kStart, "10.2.0.0/16", other));
  refusals_.forget(kGateway);
  EXPECT_EQ(refusals_.held(kRule, kGateway, product("10.2.0.0/16"), kStart), nullptr);
  EXPECT_NE(refusals_.held(kRule, other, product("10.2.0.0/16"), kStart), nullptr);
}

TEST_F(RefusalsTest, ItIsBoundedAndTheOneThatEndsFirstGoes) {
  for (std::uint32_t i = 0; i <= kMaxRefusals; ++i) {
    static_cast<void>(fail(kStart + i * 1us, "10.2.0.0/16", base::Address::v4(1000 + i)));
    ASSERT_LE(refusals_.size(), kMaxRefusals);
  }
  EXPECT_EQ(counters_.value(Counter::kRefusalsForgotten), 1U);
  EXPECT_EQ(refusals_.held(kRule, base::Address::v4(1000), product("10.2.0.0/16"), kStart), nullptr);
  EXPECT_NE(refusals_.held(kRule, base::Address::v4(1001), product("10.2.0.0/16"), kStart), nullptr);
}

}  // namespace
}  // namespace engine
