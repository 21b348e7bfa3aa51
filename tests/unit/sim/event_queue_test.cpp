// What is due comes in the order of time, and at one time in the order in which it was asked for.
#include "sim/event_queue.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <gtest/gtest.h>
#include <set>
#include <utility>
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

// Full slots are dealt out by time first: times over the whole of them, and many that are the same.
TEST(EventQueue, KeepsFullSlotsInOrder) {
  using namespace std::chrono_literals;
  SeededRandom random(9);
  for (const std::uint64_t times : {1U, 3U, 1000U, 6'000'000U}) {
    EventQueue queue;
    std::vector<std::pair<base::Instant, std::uint32_t>> model;
    for (std::uint32_t i = 0; i < 3000; ++i) {
      const auto part = base::Duration(static_cast<base::Duration::rep>(random.jitter(times) * (6'000'000 / times)));
      const base::Instant at = base::Instant{} + (random.jitter(3) == 0 ? 20s : 5s) + part;
      queue.push(at, Happens::kPacket, i);
      model.emplace_back(at, i);
    }
    std::ranges::stable_sort(model, {}, &std::pair<base::Instant, std::uint32_t>::first);
    for (const auto& [at, number] : model) {
      const Due due = queue.pop();
      ASSERT_EQ(due.at, at) << times;
      ASSERT_EQ(due.a, number) << times;
    }
  }
}

// Near and far, and asked for while others happen, as in a run: within a slot, some slots on, and later than all slots.
TEST(EventQueue, GivesWhatAnOrderedSetWouldWhileTimePasses) {
  using namespace std::chrono_literals;
  SeededRandom random(8);
  EventQueue queue;
  std::set<std::pair<base::Instant, std::uint32_t>> model;
  base::Instant now{};
  std::uint32_t number = 0;
  const auto ask = [&] {
    const base::Duration most = std::array<base::Duration, 4>{100us, 20ms, 5s, 70s}[random.jitter(4)];
    const base::Instant at = now + base::Duration(random.jitter(static_cast<std::uint64_t>(most.count())));
    queue.push(at, Happens::kPacket, number);
    model.emplace(at, number++);
  };
  for (int i = 0; i < 300; ++i) ask();
  while (!model.empty()) {
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_EQ(std::pair(queue.next().at, queue.next().a), *model.begin());
    for (const Due& due : queue.upcoming()) ASSERT_TRUE(model.contains({due.at, due.a}));
    ASSERT_TRUE(
        std::ranges::is_sorted(queue.upcoming(), [](const Due& one, const Due& two) { return one.before(two); }));
    now = queue.pop().at;
    model.erase(model.begin());
    for (std::uint64_t more = number < 20'000 ? random.jitter(3) : 0; more > 0; --more) ask();
  }
  EXPECT_TRUE(queue.empty());
}

// What is entered meanwhile comes in its time, and is not among what was known to come.
TEST(EventQueue, TellsWhatComesNext) {
  using namespace std::chrono_literals;
  EventQueue queue;
  const auto numbers = [&queue] {
    std::vector<std::uint32_t> all;
    for (const Due& due : queue.upcoming()) all.push_back(due.a);
    return all;
  };
  queue.push(base::Instant{10s}, Happens::kPacket, 0);
  for (const std::uint32_t number : {3U, 1U, 2U}) {
    queue.push(base::Instant{20s + std::chrono::microseconds(number)}, Happens::kPacket, number);
  }
  EXPECT_EQ(queue.pop().a, 0U);
  EXPECT_EQ(queue.next().a, 1U);
  EXPECT_EQ(numbers(), (std::vector{1U, 2U, 3U}));
  EXPECT_EQ(queue.pop().a, 1U);
  queue.push(base::Instant{20s + 1us}, Happens::kPacket, 4);
  EXPECT_EQ(numbers(), (std::vector{2U, 3U}));
  EXPECT_EQ(queue.pop().a, 4U);
  EXPECT_EQ(queue.pop().a, 2U);
  EXPECT_EQ(queue.pop().a, 3U);
  EXPECT_TRUE(queue.upcoming().empty());
}

// What is entered before anything is asked for has its place in order, whatever was entered first: a late one does not
// make late comers of all that are before it.
TEST(EventQueue, BeginsNoSlotBeforeItIsAskedFor) {
  using namespace std::chrono_literals;
  EventQueue queue;
  queue.push(base::Instant{5s}, Happens::kPacket, 0);
  for (const std::uint32_t number : {2U, 1U}) {
    queue.push(base::Instant{1s + std::chrono::microseconds(number)}, Happens::kPacket, number);
  }
  EXPECT_EQ(queue.next().a, 1U);
  EXPECT_EQ(queue.upcoming().size(), 2U);
  EXPECT_EQ(queue.pop().a, 1U);
  EXPECT_EQ(queue.pop().a, 2U);
  EXPECT_EQ(queue.pop().a, 0U);
}

}  // namespace
}  // namespace sim
