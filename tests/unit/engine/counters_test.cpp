#include "engine/counters.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

#include "engine/report.hpp"

namespace engine {
namespace {

TEST(Counters, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCounterCount; ++i) names.insert(name(static_cast<Counter>(i)));
  EXPECT_EQ(names.size(), kCounterCount);
  EXPECT_EQ(name(Counter::kIllegalMoves), "illegal_moves");
  EXPECT_EQ(name(Counter::kRateLimited), "rate_limited");
  EXPECT_EQ(name(Counter::kTunnelsUp), "tunnels_up");
  for (const char* stable :
       {"probes_sent", "probes_received", "probes_answered", "probes_passed_on", "responses_received",
        "responses_rejected", "discoveries_failed", "tunnels_up", "rate_limited"}) {
    EXPECT_TRUE(names.contains(stable)) << stable;
  }
}

TEST(Counters, CountEachForItself) {
  Counters counters;
  counters.add(Counter::kProbesSent);
  counters.add(Counter::kProbesSent);
  EXPECT_EQ(counters.value(Counter::kProbesSent), 2U);
  EXPECT_EQ(counters.value(Counter::kProbesReceived), 0U);
}

}  // namespace
}  // namespace engine
