#include "sim/troubles.hpp"

#include <algorithm>
#include <array>

#include "sim/policies.hpp"

namespace sim {

Troubles::Troubles(Ground& ground, Nodes& nodes, Ike& ike, const TunnelTable& tunnels)
    : ground_(ground), nodes_(nodes), ike_(ike), tunnels_(tunnels) {
  const Options& options = ground.options;
  if (options.calm.count() == 0) {
    ground_.calm = true;
    return;
  }
  static constexpr std::array kEnds = {Kind::kEndTedd, Kind::kEndCharon, Kind::kEndGateway};
  SeededRandom& random = ground.random;
  for (std::uint32_t i = 0; i < options.partitions.count; ++i) {
    add_pair(options.partitions, Kind::kPartition, Kind::kHeal, 0);
  }
  for (std::uint32_t i = 0; i < options.churn.count; ++i) {
    const auto gateway = static_cast<GatewayIndex>(random.jitter(nodes.size()));
    add_pair(options.churn, kEnds[random.jitter(kEnds.size())], Kind::kStart, gateway);
  }
  for (std::uint32_t i = 0; i < options.moves; ++i) {
    const auto site = static_cast<Site>(random.jitter(ground.topology.sites()));
    add(ground.now + ground.up_to(options.calm), Kind::kMove, site);
  }
  for (std::uint32_t i = 0; i < options.reloads; ++i) {
    const auto gateway = static_cast<GatewayIndex>(random.jitter(nodes.size()));
    add(ground.now + ground.up_to(options.calm), Kind::kReload, gateway);
  }
  add(ground.now + options.calm, Kind::kCalm);
}

void Troubles::add(base::Instant at, Kind kind, std::uint32_t where) {
  ground_.queue.push(at, Happens::kTrouble, static_cast<std::uint32_t>(troubles_.size()));
  troubles_.push_back({kind, where});
}

void Troubles::add_pair(Trouble trouble, Kind kind, Kind end, std::uint32_t where) {
  const base::Duration begin = ground_.up_to(ground_.options.calm);
  const base::Duration lasts = trouble.lasts / 2 + ground_.up_to(trouble.lasts);
  add(ground_.now + begin, kind, where);
  add(ground_.now + std::min(begin + lasts, ground_.options.calm), end, where);
}

void Troubles::on_trouble(std::uint32_t number) {
  const Step trouble = troubles_[number];
  switch (trouble.kind) {
    case Kind::kPartition: return fall_apart();
    case Kind::kHeal: return heal();
    case Kind::kEndTedd: ground_.tell(Tale::kTeddEnds, trouble.where); return nodes_.stop(trouble.where);
    case Kind::kEndCharon:
      ground_.tell(Tale::kCharonEnds, trouble.where);
      nodes_.at(trouble.where).charon = false;
      return ike_.end_charon(trouble.where);
    case Kind::kEndGateway: return end_gateway(trouble.where);
    case Kind::kStart: return start(trouble.where);
    case Kind::kMove:
      if (ground_.topology.move(trouble.where, ground_.random)) ground_.tell(Tale::kMoved, trouble.where);
      return;
    case Kind::kReload: return reload(trouble.where);
    case Kind::kCalm: return calm_down();
  }
}

void Troubles::fall_apart() {
  for (Site site = 0; site < ground_.topology.sites(); ++site) {
    ground_.island[site] = static_cast<std::uint8_t>(ground_.random.jitter(2));
    if (ground_.island[site] != 0) ground_.tell(Tale::kPartition, site);
  }
  ike_.on_partition();
}

void Troubles::heal() {
  std::ranges::fill(ground_.island, std::uint8_t{0});
  ground_.tell(Tale::kHealed);
}

void Troubles::end_gateway(GatewayIndex gateway) {
  ground_.tell(Tale::kGatewayEnds, gateway);
  Node& node = nodes_.at(gateway);
  nodes_.stop(gateway);
  node.charon = false;
  node.forwards = false;
  ike_.end_charon(gateway);
}

// A tedd that starts is told of every tunnel that charon has.
void Troubles::start(GatewayIndex gateway) {
  Node& node = nodes_.at(gateway);
  node.charon = true;
  node.forwards = true;
  if (node.engine) return;
  ground_.tell(Tale::kStarts, gateway);
  nodes_.start(gateway);
  const std::vector<Held> found = tunnels_.of(gateway);
  for (const auto& [which, remote] : found) nodes_.tell(gateway, tunnels_.facts(which, ground_.topology));
}

void Troubles::reload(GatewayIndex gateway) {
  ground_.tell(Tale::kReloaded, gateway);
  Node& node = nodes_.at(gateway);
  node.policy = make_policy(ground_.options, ground_.topology, gateway, ground_.random);
  nodes_.tell(gateway, engine::PolicyReplaced{node.policy});
}

void Troubles::calm_down() {
  heal();
  for (GatewayIndex gateway = 0; gateway < nodes_.size(); ++gateway) start(gateway);
  ground_.calm = true;
  ground_.tell(Tale::kCalm);
}

}  // namespace sim
