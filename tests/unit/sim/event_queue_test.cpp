// What is due comes in the order of time, and at one time in the order in which it was asked for.
#include "sim/event_queue.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <tuple>
#include <vector>

#include "sim/random.hpp"

namespace sim {
namespace {

TEST(EventQueue, GivesWhatASortedListWould) {
  SeededRandom random(7);
  EventQueue queue;
  std::vector<std::pair<base::Instant, std::uint32_t>> model;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const base::Instant at = base::Instant{} + base::Duration(random.jitter(300));
    queue.push(at, Happens::kPacket, i);
    model.emplace_back(at, i);
  }
  std::ranges::stable_sort(model, {}, &std::pair<base::Instant, std::uint32_t>::first);
  for (const auto& [at, number] : model) {
    const Due due = queue.pop();
    ASSERT_EQ(due.at, at);
    ASSERT_EQ(due.a, number);
  }
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace sim
