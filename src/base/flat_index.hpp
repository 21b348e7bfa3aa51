// Finds things by a hash of what they are known by: one line of memory for a look-up, and where that is can be told
// beforehand. What hash tables of nodes cost in a large world is three: a bucket, a node, and what stands behind it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/fetch.hpp"

namespace base {

/// An open table with linear probing, at most two thirds full, that keeps part of the hash beside each item: keys are
/// compared where that is the same alone, and nothing is moved by looking at what the items stand for. `Item` is small
/// and copied: a pointer, or a number. There may be several items of one hash: they stay in the order in which they
/// were entered. It has no other order that could be asked for.
///
/// Hashes are good in one of their halves: a multiplication, with which most end, leaves little in the low bits. Keys
/// that others choose are hashed with a secret, or bounded in number.
template <class Item>
class FlatIndex {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }

  /// The item of that hash of which `is(item)` is true; null when there is none. Until the next change.
  template <class Is>
  [[nodiscard]] const Item* find(std::uint64_t hash, Is is) const {
    const std::size_t at = place_of(tag_of(hash), is);
    return at == slots_.size() ? nullptr : &slots_[at].item;
  }

  /// `visit(item)` for each item of that hash, the oldest first, until it returns false; false then. It may be given
  /// items of a few other hashes, too.
  template <class Visit>
  bool visit(std::uint64_t hash, Visit visit) const {
    if (slots_.empty()) return true;
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = home(tag); slots_[at].tag != kFree; at = next(at)) {
      if (slots_[at].tag == tag && !visit(slots_[at].item)) return false;
    }
    return true;
  }

  /// One that is not in it.
  void insert(std::uint64_t hash, Item item) {
    if ((size_ + 1) * 3 > slots_.size() * 2) grow();
    put({tag_of(hash), item});
    ++size_;
  }

  /// Takes out the item of that hash of which `is(item)` is true; false when there is none.
  template <class Is>
  bool erase(std::uint64_t hash, Is is) {
    std::size_t hole = place_of(tag_of(hash), is);
    if (hole == slots_.size()) return false;
    // Those behind it move up, as far as they were kept from a place of their own.
    for (std::size_t at = next(hole); slots_[at].tag != kFree; at = next(at)) {
      if (((at - home(slots_[at].tag)) & mask()) < ((at - hole) & mask())) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole].tag = kFree;
    --size_;
    return true;
  }

  void clear() {
    slots_.clear();
    size_ = 0;
  }

  /// Asks for the memory that a look-up of that hash begins with.
  void fetch(std::uint64_t hash) const {
    if (!slots_.empty()) base::fetch(slots_[home(tag_of(hash))]);
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::size_t kLeast = 4;
  struct Slot {
    std::uint32_t tag = kFree;
    Item item{};
  };

  [[nodiscard]] static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash ^ (hash >> 32)) | 1;
  }
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] std::size_t home(std::uint32_t tag) const { return (tag >> 1) & mask(); }
  [[nodiscard]] std::size_t next(std::size_t at) const { return (at + 1) & mask(); }

  // The number of slots when there is none.
  template <class Is>
  [[nodiscard]] std::size_t place_of(std::uint32_t tag, Is is) const {
    if (slots_.empty()) return 0;
    for (std::size_t at = home(tag); slots_[at].tag != kFree; at = next(at)) {
      if (slots_[at].tag == tag && is(slots_[at].item)) return at;
    }
    return slots_.size();
  }

  void put(const Slot& slot) {
    std::size_t at = home(slot.tag);
    while (slots_[at].tag != kFree) at = next(at);
    slots_[at] = slot;
  }

  // From behind a free slot on: what stands together has an order, also round the end.
  void grow() {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(std::max(kLeast, slots_.size() * 2)));
    std::size_t begin = 0;
    while (begin < before.size() && before[begin].tag != kFree) ++begin;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const Slot& slot = before[(begin + i) & (before.size() - 1)];
      if (slot.tag != kFree) put(slot);
    }
  }

  std::vector<Slot> slots_;  ///< a power of two, some of them free; none before the first item
  std::size_t size_ = 0;
};

}  // namespace base
