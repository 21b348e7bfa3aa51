#include "sim/look_ahead.hpp"

#include <algorithm>

#include "base/fetch.hpp"

namespace sim {

// Events come in runs: the first batches of one are taken through all steps at once, each further one a step at a time.
void LookAhead::go_on() {
  const auto upcoming = ground_.queue.upcoming();
  const Due* const end = upcoming.data() + upcoming.size();
  const bool is_new = end != end_ || upcoming.size() > left_;
  if (!is_new && left_ - upcoming.size() < kBatch) return;
  end_ = end;
  left_ = upcoming.size();
  for (std::size_t step = 0; step < kSteps; ++step) {
    const std::size_t first = is_new ? 0 : kSteps - 1 - step;
    for (std::size_t batch = first; batch < kSteps - step; ++batch)
      take(upcoming, batch, Step{static_cast<std::uint8_t>(step)});
  }
}

void LookAhead::go_on(std::uint32_t flow) const {
  for (std::uint32_t step = 1; step < kSteps; ++step) {
    const std::size_t later = flow + ((kSteps - step) * kBatch);
    if (later < hosts_.flows().size())
      on_packet(static_cast<std::uint32_t>(later), Step{static_cast<std::uint8_t>(step)});
  }
}

void LookAhead::take(std::span<const Due> upcoming, std::size_t batch, Step step) const {
  const std::size_t begin = std::min(batch * kBatch, upcoming.size());
  for (const Due& due : upcoming.subspan(begin, std::min(kBatch, upcoming.size() - begin))) take(due, step);
}

void LookAhead::take(const Due& due, Step step) const {
  if (due.what == Happens::kPacket) return on_packet(due.a, step);
  if (due.what == Happens::kArrival) return on_arrival(due.a, due.b, step);
  if (due.what == Happens::kTimer) return on_timer(due.a, step);
  if (due.what != Happens::kIke) return;
  if (step == Step::kEvent) return ike_.fetch(due.a);
  // One step later, as the negotiation names the gateway.
  const GatewayIndex gateway = ike_.acts(due.a);
  if (gateway == kNobody) return;
  on_gateway(gateway, Step{static_cast<std::uint8_t>(static_cast<unsigned>(step) - 1)});
  if (step == Step::kTables) tunnels_.fetch_ends(gateway);
}

// It is looked up where it leaves its site and where it comes in, and so is the answer to it. What no tunnel carries is
// caught by the engine where it leaves.
void LookAhead::on_packet(std::uint32_t flow, Step step) const {
  const FlowState& state = hosts_.flows()[flow];
  if (step == Step::kEvent) return base::fetch(state);
  if (!state.tunnelled && step > Step::kGateway) {
    on_gateway(ground_.topology.inner(state.source), Step{static_cast<std::uint8_t>(static_cast<unsigned>(step) - 1)});
  }
  on_end(ground_.topology.inner(state.source), state.destination, state.destination_host, step);
  on_end(ground_.topology.inner(state.destination), state.source, state.source_host, step);
}

void LookAhead::on_end(GatewayIndex gateway, Site far, std::uint32_t far_host, Step step) const {
  const Node& node = nodes_.at(gateway);
  const base::Address destination = ground_.topology.host(far, far_host);
  if (step == Step::kGateway) {
    base::fetch(node);
    tunnels_.fetch_ends(gateway);
  } else if (step == Step::kTables) {
    node.policy->fetch_head();
    tunnels_.fetch_place(gateway, destination);
  } else if (step == Step::kEntries) {
    node.policy->fetch();
    tunnels_.fetch_tunnel(gateway, destination);
  } else {
    tunnels_.fetch_selectors(gateway, destination);
  }
}

void LookAhead::on_arrival(GatewayIndex gateway, std::uint32_t place, Step step) const {
  const base::Bytes& packet = links_.flying(place);
  if (step == Step::kEvent) base::fetch(packet);
  if (step == Step::kGateway) base::fetch(packet.data(), packet.size());
  on_gateway(gateway, step);
  const Node& node = nodes_.at(gateway);
  if (step < Step::kTables || !node.engine) return;
  const auto cookie = cookie_in(packet);
  if (!cookie) return;
  if (step == Step::kTables) node.engine->fetch_for_cookie(*cookie);
  if (step == Step::kEntries) node.engine->fetch_for_answer(*cookie);
}

void LookAhead::on_timer(GatewayIndex gateway, Step step) const {
  on_gateway(gateway, step);
  const auto& engine = nodes_.at(gateway).engine;
  if (step == Step::kTables && engine) engine->fetch_for_deadline();
}

void LookAhead::on_gateway(GatewayIndex gateway, Step step) const {
  const Node& node = nodes_.at(gateway);
  if (step == Step::kEvent) return base::fetch(node);
  if (!node.engine) return;
  if (step == Step::kGateway) node.engine->fetch();
  if (step == Step::kTables) node.policy->fetch_head();
  if (step == Step::kEntries) node.policy->fetch();
}

}  // namespace sim
