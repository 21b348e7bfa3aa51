// The first packets of flows whose rule says first_packet = "hold": kept until a tunnel carries them, in order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/flow.hpp"
#include "base/time.hpp"
#include "engine/counters.hpp"
#include "policy/snapshot.hpp"

namespace engine {

/// Bounded for each discovery and in all; what is full loses the packet that has waited longest, as it is of the least
/// use. Every packet that goes in comes out, or is counted under the reason why not.
class HeldPackets {
 public:
  explicit HeldPackets(Counters& counters) : counters_(counters) {}

  /// Of the discovery for that rule and the flow's destination: at most kHeldPerDiscovery; further ones are dropped, so
  /// that what is released begins with the first.
  void keep(const base::Flow& flow, policy::RuleIndex rule, base::Bytes packet, base::Instant now);

  /// Those of the flows that `is_carried` says yes to, in the order in which they came.
  template <class IsCarried>
  [[nodiscard]] std::vector<base::Bytes> take(IsCarried is_carried) {
    const auto carried =
        std::ranges::stable_partition(packets_, [&](const Held& held) { return !is_carried(held.flow); });
    std::vector<base::Bytes> taken;
    for (Held& held : carried) {
      counters_.add(Counter::kPacketsReleased);
      taken.push_back(std::move(held.packet));
    }
    packets_.erase(carried.begin(), carried.end());
    return taken;
  }

  /// That discovery failed.
  void drop(policy::RuleIndex rule, const base::Address& destination);
  /// The rules mean something else now.
  void clear();

  [[nodiscard]] std::optional<base::Instant> next_deadline() const;
  void expire(base::Instant now);

 private:
  struct Held {
    base::Flow flow;
    policy::RuleIndex rule{};
    base::Bytes packet;
    base::Instant until;
  };

  Counters& counters_;
  std::deque<Held> packets_;  ///< the oldest first
};

}  // namespace engine
