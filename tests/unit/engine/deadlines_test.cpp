// The heap of deadlines gives what an ordered set would, whatever is entered, moved and taken out.
#include "engine/deadlines.hpp"

#include <gtest/gtest.h>
#include <set>
#include <utility>
#include <vector>

#include "sim/random.hpp"

namespace engine {
namespace {

struct Item {
  std::uint32_t id;
  std::uint32_t place = kNoPlace;
};

TEST(Deadlines, GiveWhatAnOrderedSetWould) {
  sim::SeededRandom random(3);
  std::vector<Item> items;
  for (std::uint32_t id = 0; id < 200; ++id) items.push_back({id});
  std::vector<base::Instant> when(items.size());
  Deadlines<Item> heap;
  std::set<std::pair<base::Instant, std::uint32_t>> model;
  for (int step = 0; step < 50'000; ++step) {
    const auto id = static_cast<std::uint32_t>(random.jitter(items.size()));
    model.erase({when[id], id});
    if (random.jitter(2) == 0) {
      heap.erase(items[id]);
      ASSERT_EQ(items[id].place, kNoPlace);
    } else {
      when[id] = base::Instant{} + base::Duration(random.jitter(100));
      model.emplace(when[id], id);
      heap.set(items[id], when[id]);
    }
    ASSERT_EQ(heap.size(), model.size());
    if (model.empty()) continue;
    ASSERT_EQ(std::pair(heap.next(), heap.first().id), *model.begin());
  }
  heap.clear();
  EXPECT_TRUE(heap.empty());
  for (const Item& item : items) EXPECT_EQ(item.place, kNoPlace);
}

}  // namespace
}  // namespace engine
