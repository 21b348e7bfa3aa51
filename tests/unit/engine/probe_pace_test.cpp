#include "engine/probe_pace.hpp"

#include <gtest/gtest.h>

namespace engine {
namespace {

using namespace std::chrono_literals;

std::size_t admitted(ProbePace& pace, const base::Address& host, int times, base::Instant now) {
  std::size_t count = 0;
  for (int i = 0; i < times; ++i) count += static_cast<std::size_t>(pace.admit(host, now));
  return count;
}

TEST(ProbePace, AHostHasItsBurstThenItsRate) {
  Counters counters;
  ProbePace pace(1, counters);
  const auto host = base::Address::v4(0x0a01000a);
  const base::Instant now{1s};
  EXPECT_EQ(admitted(pace, host, 10'000, now), static_cast<std::size_t>(kDiscoveriesPerHostBurst));
  EXPECT_EQ(admitted(pace, host, 10'000, now + 1s), static_cast<std::size_t>(kDiscoveriesPerHost));
  EXPECT_TRUE(pace.admit(base::Address::v4(0x0a01000b), now));
}

TEST(ProbePace, AnIpv6HostHasItsSlash64) {
  Counters counters;
  ProbePace pace(1, counters);
  std::size_t count = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i)
    count += static_cast<std::size_t>(
        pace.admit({base::Family::kV6, base::Uint128{0x20010db8} << 96 | i}, base::Instant{1s}));
  EXPECT_EQ(count, static_cast<std::size_t>(kDiscoveriesPerHostBurst));
  EXPECT_TRUE(
      pace.admit({base::Family::kV6, base::Uint128{0x20010db8} << 96 | base::Uint128{1} << 64}, base::Instant{1s}));
}

TEST(ProbePace, AllTogetherAreLimitedWhateverAddressesTheyTake) {
  Counters counters;
  ProbePace pace(1, counters);
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < 3 * kMaxAskingHosts; ++i)
    count += static_cast<std::size_t>(pace.admit(base::Address::v4(i), base::Instant{1s}));
  EXPECT_EQ(count, static_cast<std::size_t>(kDiscoveriesBurst));
  EXPECT_EQ(counters.value(Counter::kHostsForgotten), 2 * kMaxAskingHosts);
}

TEST(ProbePace, HoweverManyScanOneThatDoesNotIsServed) {
  Counters counters;
  ProbePace pace(1, counters);
  base::Instant now{1s};
  const auto quiet = base::Address::v4(0xac100001);
  int refused = 0;
  for (int turn = 0; turn < 10'000; ++turn, now += 1ms) {  // 100,000 a second of 50 hosts, and 10 a second of another
    for (std::uint32_t i = 0; i < 100; ++i) static_cast<void>(pace.admit(base::Address::v4(i % 50), now));
    if (turn % 100 == 99) refused += pace.admit(quiet, now) ? 0 : 1;
  }
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace engine
