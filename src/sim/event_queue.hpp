// What happens next in a simulation: a heap of small values, no closure and no allocation for each.
#pragma once

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

/// A heap with four children to a node: a step down touches one or two cache lines.
class EventQueue {
 public:
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  [[nodiscard]] const Due& next() const { return heap_.front(); }

  void push(base::Instant at, Happens what, std::uint32_t a = 0, std::uint32_t b = 0) {
    const Due due{at, order_++, a, b, what};
    std::size_t place = heap_.size();
    heap_.push_back(due);
    while (place > 0 && due.before(heap_[parent(place)])) {
      heap_[place] = heap_[parent(place)];
      place = parent(place);
    }
    heap_[place] = due;
  }

  /// The queue is not empty.
  Due pop() {
    const Due first = heap_.front();
    const Due last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(last);
    return first;
  }

 private:
  static constexpr std::size_t kChildren = 4;

  [[nodiscard]] static std::size_t parent(std::size_t place) { return (place - 1) / kChildren; }

  // Puts `due` where the front was, and what is earlier above it.
  void sink(const Due& due) {
    const std::size_t size = heap_.size();
    std::size_t place = 0;
    for (std::size_t child = 1; child < size; child = place * kChildren + 1) {
      std::size_t least = child;
      const std::size_t end = child + kChildren < size ? child + kChildren : size;
      for (std::size_t other = child + 1; other < end; ++other) {
        if (heap_[other].before(heap_[least])) least = other;
      }
      if (!heap_[least].before(due)) break;
      heap_[place] = heap_[least];
      place = least;
    }
    heap_[place] = due;
  }

  std::uint64_t order_ = 0;
  std::vector<Due> heap_;
};

}  // namespace sim
