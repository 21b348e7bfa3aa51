// Who has something to do when: the earliest first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/fetch.hpp"
#include "base/time.hpp"

namespace engine {

/// A heap of four children to a node, whose entries are 16 bytes in a row: a change costs a look at a few lines of
/// memory, where a tree goes from node to node. Each item knows its place, so that it can be moved and taken out; it is
/// of one such heap at a time and stays where it is in memory. Of two at the same time the one with the lower `id` is
/// first.
///
/// `Item` has a member `std::uint32_t place`, kNoPlace at first, which nobody else touches, and an ordered member `id`.
inline constexpr std::uint32_t kNoPlace = UINT32_MAX;

template <class Item>
class Deadlines {
 public:
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  /// Of the first one; there is one. Asked after each event, so it stands here and not where the heap is.
  [[nodiscard]] base::Instant next() const { return next_; }
  [[nodiscard]] Item& first() const { return *first_; }

  /// Enters the item, or moves it if it is in.
  void set(Item& item, base::Instant at) {
    const Entry entry{at, &item};
    if (item.place == kNoPlace) {
      heap_.push_back(entry);
      item.place = static_cast<std::uint32_t>(heap_.size() - 1);
    }
    settle(entry, item.place);
  }
  /// Nothing if it is not in.
  void erase(Item& item) {
    if (item.place == kNoPlace) return;
    const std::size_t hole = item.place;
    item.place = kNoPlace;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (hole < heap_.size()) settle(last, hole);
  }
  /// Asks for the memory that a change of the first one begins with.
  void fetch() const {
    if (!heap_.empty()) base::fetch(heap_.data(), std::min(heap_.size(), 1 + kChildren) * sizeof(Entry));
  }
  void clear() {
    for (const Entry& entry : heap_) entry.item->place = kNoPlace;
    heap_.clear();
  }

 private:
  static constexpr std::size_t kChildren = 4;
  struct Entry {
    base::Instant at;
    Item* item;
    [[nodiscard]] bool before(const Entry& other) const {
      return at != other.at ? at < other.at : item->id < other.item->id;
    }
  };

  void put(const Entry& entry, std::size_t place) {
    heap_[place] = entry;
    entry.item->place = static_cast<std::uint32_t>(place);
    if (place != 0) return;
    next_ = entry.at;
    first_ = entry.item;
  }

  // Finds the entry its place from `place` on, which is free: up as far as it goes, or down.
  void settle(const Entry& entry, std::size_t place) {
    while (place > 0 && entry.before(heap_[(place - 1) / kChildren])) {
      put(heap_[(place - 1) / kChildren], place);
      place = (place - 1) / kChildren;
    }
    for (std::size_t child = place * kChildren + 1; child < heap_.size(); child = place * kChildren + 1) {
      std::size_t least = child;
      const std::size_t end = std::min(child + kChildren, heap_.size());
      for (std::size_t other = child + 1; other < end; ++other) {
        if (heap_[other].before(heap_[least])) least = other;
      }
      if (!heap_[least].before(entry)) break;
      put(heap_[least], place);
      place = least;
    }
    put(entry, place);
  }

  std::vector<Entry> heap_;
  base::Instant next_{};   ///< of the first entry, if there is one
  Item* first_ = nullptr;  ///< likewise
};

}  // namespace engine
