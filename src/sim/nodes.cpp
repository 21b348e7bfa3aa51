#include "sim/nodes.hpp"

#include <chrono>

#include "sim/policies.hpp"

namespace sim {

Nodes::Nodes(Ground& ground, Actions& actions)
    : ground_(ground),
      actions_(actions),
      hash_(ground.options.seed),
      nodes_(ground.topology.gateways()),
      retired_(engine::kCounterCount) {
  for (GatewayIndex gateway = 0; gateway < size(); ++gateway) {
    // Who stands by for a site protects it as its own gateway does.
    const bool stands_by = ground.topology.role(gateway) == Role::kStandby;
    nodes_[gateway].policy = stands_by ? nodes_[ground.topology.home(gateway)].policy
                                       : make_policy(ground.options, ground.topology, gateway, ground.random);
  }
  if (ground.options.proofs != Proofs::kNone) give_keys();
  for (GatewayIndex gateway = 0; gateway < size(); ++gateway) start(gateway);
}

// Clocks are off by up to 20 s, so that those of two gateways differ by less than what proofs allow.
void Nodes::give_keys() {
  static constexpr std::uint64_t kOurs = 0x6b6579;
  static constexpr std::uint64_t kTheirs = 0x6f74686572;
  for (Node& node : nodes_) {
    node.key = ground_.chance(ground_.options.foreign) ? kTheirs : kOurs;
    const auto off = std::chrono::seconds(ground_.random.jitter(40));
    node.authenticator = std::make_unique<SeededAuthenticator>(keys_of(ground_.options.proofs, node.key),
                                                               [this, off] { return time_of_day(ground_.now) + off; });
  }
}

void Nodes::start(GatewayIndex gateway) {
  Node& node = nodes_[gateway];
  engine::Settings settings{.gateways = {ground_.topology.address(gateway)}};
  if (const std::size_t room = ground_.options.room; room != 0) settings.limits = {room, room};
  node.engine = std::make_unique<engine::Engine>(std::move(settings), node.policy,
                                                 engine::Ports{ground_.random, hash_, this, node.authenticator.get()});
  node.openings.clear();
  node.armed = base::Instant::max();
}

void Nodes::stop(GatewayIndex gateway) {
  Node& node = nodes_[gateway];
  if (!node.engine) return;
  for (std::size_t i = 0; i < engine::kCounterCount; ++i) {
    retired_[i] += node.engine->counters().value(static_cast<engine::Counter>(i));
  }
  node.engine.reset();
  node.openings.clear();  // what is not confirmed again the guard closes by itself
}

std::uint64_t Nodes::counted(engine::Counter counter) const {
  std::uint64_t all = retired_[static_cast<std::size_t>(counter)];
  for (const Node& node : nodes_) all += node.engine ? node.engine->counters().value(counter) : 0;
  return all;
}

void Nodes::tell(GatewayIndex gateway, engine::Event event) {
  waiting_.emplace_back(gateway, std::move(event));
  if (!working_) work_off();
}

void Nodes::work_off() {
  working_ = true;
  while (!waiting_.empty()) {
    auto [gateway, event] = std::move(waiting_.front());
    waiting_.pop_front();
    if (!nodes_[gateway].engine) continue;
    ++engine_events_;
    nodes_[gateway].engine->handle(std::move(event), ground_.now);
    drain(gateway);
  }
  working_ = false;
}

void Nodes::on_timer(GatewayIndex gateway) {
  Node& node = nodes_[gateway];
  if (node.armed <= ground_.now) node.armed = base::Instant::max();
  if (!node.engine) return;
  const auto deadline = node.engine->next_deadline();
  working_ = true;
  if (deadline && *deadline <= ground_.now) {
    ++engine_events_;
    node.engine->on_deadline(ground_.now);
  }
  drain(gateway);
  work_off();
}

void Nodes::drain(GatewayIndex gateway) {
  told_.push_back(gateway);
  Node& node = nodes_[gateway];
  while (auto action = node.engine->next_action()) carry_out(gateway, *std::move(action));
  const auto deadline = node.engine->next_deadline();
  if (!deadline || *deadline >= node.armed) return;
  node.armed = std::max(*deadline, ground_.now);
  ground_.queue.push(node.armed, Happens::kTimer, gateway);
}

void Nodes::carry_out(GatewayIndex gateway, engine::Action action) {
  if (auto* transmitted = std::get_if<engine::Transmit>(&action)) {
    actions_.transmit(gateway, std::move(transmitted->packet));
  } else if (auto* wanted = std::get_if<engine::BringUp>(&action)) {
    actions_.bring_up(gateway, std::move(*wanted));
  } else if (const auto* unwanted = std::get_if<engine::TakeDown>(&action)) {
    actions_.take_down(gateway, unwanted->id);
  } else if (auto* openings = std::get_if<engine::SetOpenings>(&action)) {
    nodes_[gateway].openings = std::move(openings->openings);
  }
}

}  // namespace sim
