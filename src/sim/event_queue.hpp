// What happens next in a simulation: small values, no closure and no allocation for each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace sim {

/// What is due; `Due::a` and `Due::b` mean what stands behind it.
enum class Happens : std::uint8_t {
  kPacket,    ///< a host sends a packet of flow a
  kArrival,   ///< datagram b arrives at gateway a
  kTimer,     ///< gateway a has a deadline
  kIke,       ///< negotiation a goes on; b is its generation
  kDelete,    ///< the other end of tunnel a hears that it is gone; b is its generation
  kDeadPeer,  ///< an end of tunnel a asks whether the other lives; b is its generation
  kRekey,     ///< tunnel a is rekeyed; b is its generation
  kTrouble,   ///< trouble number a
  kFlood,     ///< the next false probe
  kAudit,     ///< everything is looked at
  kInterval,  ///< figures are written down
};

struct Due {
  base::Instant at;
  std::uint64_t order;  ///< of entry: what is due at the same time happens in the order in which it was asked for
  std::uint32_t a;
  std::uint32_t b;
  Happens what;

  [[nodiscard]] bool before(const Due& other) const { return at != other.at ? at < other.at : order < other.order; }
};

/// What is due soon stands in a heap, everything else in the slot of its time, where nothing is looked at until that
/// comes: a queue of a million is as quick as one of some hundred. What is later than all slots waits beside them.
class EventQueue {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The queue is not empty.
  [[nodiscard]] const Due& next() const { return soon_.front(); }

  void push(base::Instant at, Happens what, std::uint32_t a = 0, std::uint32_t b = 0) {
    ++size_;
    enter({at, order_++, a, b, what});
    if (soon_.empty()) advance();
  }

  /// The queue is not empty.
  Due pop() {
    const Due first = soon_.front();
    std::ranges::pop_heap(soon_, later);
    soon_.pop_back();
    if (--size_ != 0 && soon_.empty()) advance();
    return first;
  }

 private:
  static constexpr std::int64_t kSlot = std::int64_t{1} << 21;  ///< some 2 ms, in nanoseconds
  static constexpr std::int64_t kSlots = 4096;                  ///< some 8.6 s in all

  [[nodiscard]] static bool later(const Due& one, const Due& other) { return other.before(one); }
  [[nodiscard]] static std::int64_t slot_of(const Due& due) { return due.at.time_since_epoch().count() / kSlot; }
  [[nodiscard]] std::vector<Due>& slot(std::int64_t number) {
    return slots_[static_cast<std::size_t>(number % kSlots)];
  }

  void enter(const Due& due) {
    const std::int64_t number = slot_of(due);
    if (number <= current_) {
      soon_.push_back(due);
      std::ranges::push_heap(soon_, later);
    } else if (number < current_ + kSlots) {
      slot(number).push_back(due);
      ++in_slots_;
    } else {
      late_.push_back(due);
      first_late_ = std::min(first_late_, number);
    }
  }

  // To the next slot that holds something. What is late is entered before the first of it could be passed.
  void advance() {
    while (soon_.empty()) {
      current_ = in_slots_ != 0 ? current_ + 1 : first_late_;
      if (first_late_ <= current_ + kSlots / 2) {
        first_late_ = INT64_MAX;
        for (const Due& due : std::exchange(late_, {})) enter(due);
      }
      const std::vector<Due> now = std::exchange(slot(current_), {});
      in_slots_ -= now.size();
      soon_.insert(soon_.end(), now.begin(), now.end());
      std::ranges::make_heap(soon_, later);
    }
  }

  std::uint64_t order_ = 0;
  std::size_t size_ = 0;
  std::int64_t current_ = 0;  ///< the slot whose events are in `soon_`, with those of earlier ones
  std::vector<Due> soon_;
  std::vector<std::vector<Due>> slots_ = std::vector<std::vector<Due>>(kSlots);
  std::size_t in_slots_ = 0;
  std::vector<Due> late_;
  std::int64_t first_late_ = INT64_MAX;  ///< the slot of the earliest of them
};

}  // namespace sim
