// The table of an observing gateway is bounded, and a host that scans fills it at its own cost.
#include "engine/observations.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>

#include "engine/limits.hpp"

namespace engine {
namespace {

base::Instant at(std::uint32_t second) {
  return base::Instant{} + std::chrono::seconds(second);
}

Observation unanswered(const base::Address& source, std::uint32_t destination) {
  Observation one;
  one.flow = {source, base::Address::v4(destination), base::Protocol::kUdp, 40000, 53};
  one.finding = Finding::kUnanswered;
  return one;
}

std::size_t count_of(const Observations& table, const base::Address& source) {
  const auto is_its = [&source](const Observation& one) { return one.flow.source == source; };
  return static_cast<std::size_t>(std::ranges::count_if(table.all(), is_its));
}

TEST(Observations, AHostThatScansPushesOutItsOwn) {
  Counters counters;
  Observations table(counters);
  const auto quiet = base::Address::v4(0x0a010001);
  const auto noisy = base::Address::v4(0x0a010002);
  for (std::uint32_t i = 0; i < 5; ++i) table.note(unanswered(quiet, 0x0a020000 + i), at(i));
  for (std::uint32_t i = 0; i < 3 * kMaxObservations; ++i) table.note(unanswered(noisy, 0x0b000000 + i), at(10 + i));
  EXPECT_EQ(table.all().size(), kMaxObservations);
  EXPECT_EQ(count_of(table, quiet), 5U);
  EXPECT_EQ(counters.value(Counter::kObservationsForgotten), 2 * kMaxObservations + 5);
  EXPECT_EQ(table.all().back().flow.destination, base::Address::v4(0x0b000000 + (3 * kMaxObservations) - 1));
}

TEST(Observations, AnIpv6HostIsItsSlash64) {
  Counters counters;
  Observations table(counters);
  const auto quiet = base::Address::v4(0x0a010001);
  table.note(unanswered(quiet, 0x0a020000), at(0));
  for (std::uint32_t i = 0; i < kMaxObservations; ++i) {
    const base::Address source{base::Family::kV6, base::Uint128{0x20010db8} << 96 | i};
    table.note(unanswered(source, 0x0b000000 + i), at(10 + i));
  }
  EXPECT_EQ(count_of(table, quiet), 1U);
}

// As before hosts were told apart: of those with as many each the one that was seen least lately.
TEST(Observations, OfHostsWithAsManyTheOldestGoes) {
  Counters counters;
  Observations table(counters);
  for (std::uint32_t i = 0; i <= kMaxObservations; ++i)
    table.note(unanswered(base::Address::v4(0x0a010000 + i), 0x0b000000 + i), at(i));
  EXPECT_EQ(table.all().size(), kMaxObservations);
  EXPECT_EQ(count_of(table, base::Address::v4(0x0a010000)), 0U);
  EXPECT_EQ(count_of(table, base::Address::v4(0x0a010001)), 1U);
}

}  // namespace
}  // namespace engine
