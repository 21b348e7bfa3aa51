#include "engine/held_packets.hpp"

#include "engine/limits.hpp"

namespace engine {

void HeldPackets::keep(const base::Flow& flow, policy::RuleIndex rule, base::Bytes packet, base::Instant now) {
  if (packet.size() > kMaxHeldLength) return counters_.add(Counter::kHeldTooLong);
  const auto same = std::ranges::count_if(
      packets_, [&](const Held& held) { return held.rule == rule && held.flow.destination == flow.destination; });
  if (static_cast<std::size_t>(same) >= kHeldPerDiscovery) return counters_.add(Counter::kHeldNoRoom);
  if (packets_.size() >= kMaxHeldPackets) {
    counters_.add(Counter::kHeldNoRoom);
    packets_.pop_front();
  }
  counters_.add(Counter::kPacketsHeld);
  packets_.push_back({flow, rule, std::move(packet), now + kHeldFor});
}

void HeldPackets::drop(policy::RuleIndex rule, const base::Address& destination) {
  const auto dropped = std::erase_if(
      packets_, [&](const Held& held) { return held.rule == rule && held.flow.destination == destination; });
  for (std::size_t i = 0; i < dropped; ++i) counters_.add(Counter::kHeldFailed);
}

void HeldPackets::clear() {
  for (std::size_t i = 0; i < packets_.size(); ++i) counters_.add(Counter::kHeldFailed);
  packets_.clear();
}

std::optional<base::Instant> HeldPackets::next_deadline() const {
  return packets_.empty() ? std::nullopt : std::optional(packets_.front().until);
}

void HeldPackets::expire(base::Instant now) {
  while (!packets_.empty() && packets_.front().until <= now) {
    counters_.add(Counter::kHeldExpired);
    packets_.pop_front();
  }
}

}  // namespace engine
