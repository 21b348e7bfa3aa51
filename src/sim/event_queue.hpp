// What happens next in a simulation: small values, no closure and no allocation for each.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
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

/// What is due soon stands in order, everything else in the slot of its time, where nothing is looked at until that
/// comes: a queue of a million is as quick as one of some hundred. What is later than all slots waits beside them. A
/// slot begins when the first of it is asked for and not sooner: what is entered before that need not be the last.
class EventQueue {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The queue is not empty.
  [[nodiscard]] const Due& next() {
    if (is_slot_over()) advance();
    return is_late_comer_next() ? late_comers_.front() : now_[done_];
  }

  void push(base::Instant at, Happens what, std::uint32_t a = 0, std::uint32_t b = 0) {
    ++size_;
    enter({at, order_++, a, b, what});
  }

  /// The queue is not empty.
  Due pop() {
    const Due first = next();
    if (is_late_comer_next()) {
      std::ranges::pop_heap(late_comers_, later);
      late_comers_.pop_back();
    } else {
      ++done_;
    }
    --size_;
    return first;
  }

  /// What happens next, in order, as far as it was known when the first of it was asked for by next(): what it brings
  /// about itself may come in between, and more behind it. Nothing before that is asked.
  [[nodiscard]] std::span<const Due> upcoming() const { return std::span(now_).subspan(done_); }

 private:
  static constexpr std::int64_t kSlot = std::int64_t{1} << 21;  ///< some 2 ms, in nanoseconds
  static constexpr std::int64_t kSlots = 4096;                  ///< some 8.6 s in all
  static constexpr std::size_t kFew = 32;                       ///< that are sorted as they are

  [[nodiscard]] static bool later(const Due& one, const Due& other) { return other.before(one); }
  [[nodiscard]] static std::int64_t slot_of(const Due& due) { return due.at.time_since_epoch().count() / kSlot; }
  [[nodiscard]] std::vector<Due>& slot(std::int64_t number) {
    return slots_[static_cast<std::size_t>(number % kSlots)];
  }

  [[nodiscard]] bool is_slot_over() const { return done_ == now_.size() && late_comers_.empty(); }
  [[nodiscard]] bool is_late_comer_next() const {
    return done_ == now_.size() || (!late_comers_.empty() && late_comers_.front().before(now_[done_]));
  }

  void enter(const Due& due) {
    const std::int64_t number = slot_of(due);
    if (number <= current_) {
      late_comers_.push_back(due);
      std::ranges::push_heap(late_comers_, later);
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
    while (is_slot_over()) {
      if (in_slots_ == 0) current_ = first_late_ - 1;
      if (first_late_ <= current_ + kSlots / 2) {
        first_late_ = INT64_MAX;
        for (const Due& due : std::exchange(late_, {})) enter(due);
      }
      now_ = std::exchange(slot(++current_), {});
      done_ = 0;
      in_slots_ -= now_.size();
      put_in_order();
    }
  }

  [[nodiscard]] static std::size_t part_of(const Due& due, std::size_t parts) {
    return static_cast<std::size_t>(due.at.time_since_epoch().count() % kSlot) * parts / kSlot;
  }

  static void sort(std::span<Due> some) {
    std::ranges::sort(some, [](const Due& one, const Due& other) { return one.before(other); });
  }

  // The slots of a large world hold many: dealt out by time first, into about as many parts, little is left to sort.
  void put_in_order() {
    if (now_.size() <= kFew) return sort(now_);
    const std::size_t parts = std::bit_ceil(now_.size());
    ends_.assign(parts, 0);
    for (const Due& due : now_) ++ends_[part_of(due, parts)];
    std::exclusive_scan(ends_.begin(), ends_.end(), ends_.begin(), std::uint32_t{0});  // for now where each begins
    dealt_.resize(now_.size());
    for (const Due& due : now_) dealt_[ends_[part_of(due, parts)]++] = due;
    std::size_t begin = 0;
    for (const std::uint32_t end : ends_) {
      if (end - begin > 1) sort(std::span(dealt_).subspan(begin, end - begin));
      begin = end;
    }
    now_.swap(dealt_);
  }

  std::uint64_t order_ = 0;
  std::size_t size_ = 0;
  std::int64_t current_ = 0;  ///< the slot whose events happen now
  std::vector<Due> now_;      ///< what was in it when its time came, in order
  std::size_t done_ = 0;      ///< of those
  std::vector<Due> dealt_;    ///< of put_in_order(), as is the next
  std::vector<std::uint32_t> ends_;
  std::vector<Due> late_comers_;  ///< what was entered into it, or before it, since: a heap
  std::vector<std::vector<Due>> slots_ = std::vector<std::vector<Due>>(kSlots);
  std::size_t in_slots_ = 0;
  std::vector<Due> late_;
  std::int64_t first_late_ = INT64_MAX;  ///< the slot of the earliest of them
};

}  // namespace sim
