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
  std::size_t admitted = 0;
  for (int i = 0; i < 100'000; ++i) admitted += static_cast<std::size_t>(admission.admit(noisy, now));
  EXPECT_EQ(admitted, static_cast<std::size_t>(kAnswersPerGatewayBurst));
  EXPECT_TRUE(admission.admit(base::Address::v4(2), now));
}

TEST(Admission, AllTogetherAreLimitedWhateverGatewaysTheyClaim) {
  Admission admission;
  const base::Instant now{1s};
  std::size_t admitted = 0;
  for (std::uint32_t i = 0; i < 3 * kMaxAskers; ++i)
    admitted += static_cast<std::size_t>(admission.admit(base::Address::v4(i), now));
  EXPECT_EQ(admitted, static_cast<std::size_t>(kAnswersBurst));
}

}  // namespace
}  // namespace engine
