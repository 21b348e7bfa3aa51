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

TEST(TokenBucket, ATimeThatGoesBackAddsNothing) {
  TokenBucket bucket(10, 1);
  EXPECT_TRUE(bucket.take(base::Instant{10s}));
  EXPECT_FALSE(bucket.take(base::Instant{5s}));
  EXPECT_FALSE(bucket.take(base::Instant{10s + 50ms}));
}

TEST(Admission, OneGatewayThatAsksTooOftenDoesNotStarveAnother) {
  Admission admission;
  const base::Instant now{1s};
  const auto noisy = base::Address::v4(1);
  unsigned admitted = 0;
  for (int i = 0; i < 100'000; ++i) admitted += admission.admit(noisy, now) ? 1 : 0;
  EXPECT_EQ(admitted, static_cast<unsigned>(kAnswersPerGatewayBurst));
  EXPECT_TRUE(admission.admit(base::Address::v4(2), now));
}

TEST(Admission, AllTogetherAreLimitedWhateverGatewaysTheyClaim) {
  Admission admission;
  const base::Instant now{1s};
  unsigned admitted = 0;
  for (std::uint32_t i = 0; i < 3 * kMaxAskers; ++i) admitted += admission.admit(base::Address::v4(i), now) ? 1 : 0;
  EXPECT_EQ(admitted, static_cast<unsigned>(kAnswersBurst));
}

}  // namespace
}  // namespace engine
