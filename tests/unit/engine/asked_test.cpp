// Who asked us lately: bounded, and what is young is kept whoever else asks.
#include "engine/asked.hpp"

#include <cstdint>
#include <gtest/gtest.h>

namespace engine {
namespace {

using namespace std::chrono_literals;

constexpr policy::RuleIndex kRule{2};
constexpr base::Instant kStart{1h};

const base::Flow kFlow = *base::Flow::parse("udp 10.1.0.10:40000 > 10.2.0.1:53");
base::Address gateway(std::uint32_t number) {
  return base::Address::v4(0xc0000000 + number);
}

class AskedTest : public ::testing::Test {
 protected:
  bool note(std::uint32_t number, base::Instant now) {
    return asked_.note(gateway(number), kRule, kFlow, Form::kVersion3, now);
  }
  bool knows(std::uint32_t number, base::Instant now) { return asked_.last(gateway(number), kRule, now) != nullptr; }
  /// As many as there is room for, at once but for a nanosecond each.
  void fill() {
    for (std::uint32_t i = 0; i < kMaxAsked; ++i) ASSERT_TRUE(note(i, kStart + base::Duration(i)));
  }

  Asked asked_{1};
};

TEST_F(AskedTest, KnowsTheLastAskOfEachGatewayAndRule) {
  EXPECT_TRUE(note(1, kStart));
  EXPECT_TRUE(note(1, kStart + 1s));
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_.last(gateway(1), kRule, kStart + 2s)->at, kStart + 1s);
  EXPECT_EQ(asked_.last(gateway(1), policy::RuleIndex{3}, kStart + 2s), nullptr);
  EXPECT_FALSE(knows(1, kStart + 1s + kNegotiationTimeout + 1ns));
  EXPECT_EQ(asked_.answered(kFlow)->first, gateway(1));
}

TEST_F(AskedTest, WhatIsYoungIsKeptWhoeverElseAsks) {
  fill();
  EXPECT_FALSE(note(kMaxAsked, kStart + kAskedLately));
  EXPECT_TRUE(note(5, kStart + kAskedLately)) << "it has its place";
  EXPECT_EQ(asked_.size(), kMaxAsked);
  EXPECT_TRUE(knows(0, kStart + kAskedLately));
}

TEST_F(AskedTest, TheOldestMakesRoomWhenItIsOld) {
  fill();
  const base::Instant later = kStart + kAskedLately + 1ns;
  EXPECT_TRUE(note(kMaxAsked, later));
  EXPECT_FALSE(knows(0, later));
  EXPECT_TRUE(knows(1, later));
  EXPECT_FALSE(note(kMaxAsked + 1, later)) << "the next one is a nanosecond younger";
  EXPECT_EQ(asked_.size(), kMaxAsked);
}

}  // namespace
}  // namespace engine
