#include "engine/admission.hpp"

#include <gtest/gtest.h>

namespace engine {
namespace {

using namespace std::chrono_literals;

TEST(TokenBucket, GivesItsBurstThenItsRate) {
  TokenBucket bucket(10, 3);
  base::Instant now{1s};
  EXPECT_TRUE(bucket.take(now) && bucket.take(now) && bucket.take(now));
  EXPECT_FALSE(bucket.take(now));
  EXPECT_TRUE(bucket.take(now + 100ms));
  EXPECT_FALSE(bucket.take(now + 100ms));
}

TEST(TokenBucket, WhatIsOwedComesFirst) {
  TokenBucket bucket(10, 3);
  const base::Instant now{1s};
  bucket.owe(20, now);
  EXPECT_FALSE(bucket.has(now + 2s));
  EXPECT_TRUE(bucket.take(now + 2101ms));
  EXPECT_FALSE(bucket.take(now + 2101ms));
}

TEST(TokenBucket, ATimeThatGoesBackAddsNothing) {
  TokenBucket bucket(10, 1);
  EXPECT_TRUE(bucket.take(base::Instant{10s}));
  EXPECT_FALSE(bucket.take(base::Instant{5s}));
  EXPECT_FALSE(bucket.take(base::Instant{10s + 50ms}));
}

TEST(Admission, OneGatewayThatAsksTooOftenDoesNotStarveAnother) {
  Counters counters;
  Admission admission(1, counters);
  const base::Instant now{1s};
  const auto noisy = base::Address::v4(1);
  std::size_t admitted = 0;
  for (int i = 0; i < 100'000; ++i) admitted += static_cast<std::size_t>(admission.admit(noisy, now));
  EXPECT_EQ(admitted, static_cast<std::size_t>(kAnswersPerGatewayBurst));
  EXPECT_TRUE(admission.admit(base::Address::v4(2), now));
}

TEST(Admission, AllTogetherAreLimitedWhateverGatewaysTheyClaim) {
  Counters counters;
  Admission admission(1, counters);
  const base::Instant now{1s};
  std::size_t admitted = 0;
  for (std::uint32_t i = 0; i < 3 * kMaxAskers; ++i)
    admitted += static_cast<std::size_t>(admission.admit(base::Address::v4(i), now));
  EXPECT_EQ(admitted, static_cast<std::size_t>(kAnswersBurst));
  EXPECT_EQ(counters.value(Counter::kAskersForgotten), 2 * kMaxAskers);
}

// However many gateways ask as often as they may, one that asks now and then is answered.
TEST(Admission, ManyThatFloodDoNotStarveOneThatDoesNot) {
  Counters counters;
  Admission admission(1, counters);
  base::Instant now{1s};
  const auto quiet = base::Address::v4(0xc0000201);
  int refused = 0;
  for (int turn = 0; turn < 2'000;
       ++turn, now += 1ms) {  // 300,000 a second of 250 gateways, and 10 a second of another
    for (std::uint32_t i = 0; i < 300; ++i) static_cast<void>(admission.admit(base::Address::v4(i % 250), now));
    if (turn % 100 == 99) refused += admission.admit(quiet, now) ? 0 : 1;
  }
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace engine
