// The index finds what a hash table of the standard library would, whatever is entered and taken out.
#include "base/flat_index.hpp"

#include <gtest/gtest.h>
#include <unordered_map>
#include <vector>

#include "sim/random.hpp"

namespace base {
namespace {

struct Entry {
  std::uint64_t key;
  std::uint64_t value;
};

// Few hashes make long runs of slots, which also go round the end; many make none.
void compare_with_standard(std::uint64_t keys, std::uint64_t hashes) {
  sim::SeededRandom random(keys + hashes);
  FlatIndex<Entry> index;
  std::unordered_map<std::uint64_t, std::uint64_t> model;
  const auto hash_of = [hashes](std::uint64_t key) { return (key % hashes) * 0x9e3779b97f4a7c15U >> 20; };
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t key = random.jitter(keys);
    const auto is = [key](const Entry& entry) { return entry.key == key; };
    const auto known = model.find(key);
    const Entry* const found = index.find(hash_of(key), is);
    ASSERT_EQ(found != nullptr, known != model.end());
    if (found != nullptr) {
      ASSERT_EQ(found->value, known->second);
    }
    index.fetch(hash_of(key));
    if (known != model.end() || random.jitter(3) == 0) {
      index.erase(hash_of(key), is);
      model.erase(key);
    } else {
      index.insert(hash_of(key), {key, static_cast<std::uint64_t>(step)});
      model.emplace(key, static_cast<std::uint64_t>(step));
    }
    ASSERT_EQ(index.size(), model.size());
    if (random.jitter(5'000) == 0) {
      index.clear();
      model.clear();
    }
  }
}

TEST(FlatIndex, FindsWhatAStandardTableWould) {
  for (const std::uint64_t keys : {1U, 7U, 100U, 3'000U}) {
    for (const std::uint64_t hashes : {1U, 3U, 50U, 1'000'000U}) compare_with_standard(keys, hashes);
  }
}

// Few hashes, and runs that go round the end: what is taken out or moved keeps the others in their order.
TEST(FlatIndex, KeepsItemsOfOneHashInOrder) {
  static constexpr std::uint64_t kHashes = 7;
  sim::SeededRandom random(3);
  FlatIndex<std::uint64_t> index;
  std::vector<std::vector<std::uint64_t>> model(kHashes);
  const auto hash_of = [](std::uint64_t which) { return which * 0x9e3779b97f4a7c15U >> 20; };
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    const std::uint64_t which = random.jitter(kHashes);
    auto& those = model[which];
    if (!those.empty() && random.jitter(20) < 9) {
      const std::uint64_t gone = those[random.jitter(those.size())];
      ASSERT_TRUE(index.erase(hash_of(which), [gone](std::uint64_t item) { return item == gone; }));
      ASSERT_FALSE(index.erase(hash_of(which), [gone](std::uint64_t item) { return item == gone; }));
      std::erase(those, gone);
    } else {
      index.insert(hash_of(which), step);
      those.push_back(step);
    }
    std::vector<std::uint64_t> seen;
    ASSERT_TRUE(index.visit(hash_of(which), [&seen](std::uint64_t item) {
      seen.push_back(item);
      return true;
    }));
    ASSERT_EQ(seen, those);
    std::size_t visited = 0;
    ASSERT_EQ(index.visit(hash_of(which), [&visited](std::uint64_t) { return ++visited < 2; }), those.size() < 2);
    ASSERT_LE(visited, 2U);
  }
}

}  // namespace
}  // namespace base
