#include "sim/invariants.hpp"

#include <algorithm>
#include <string>

#include "engine/limits.hpp"
#include "policy/agree.hpp"
#include "policy/sound.hpp"
#include "sim/links.hpp"
#include "wire/packet.hpp"

namespace sim {

namespace {

using namespace std::chrono_literals;

/// An end that has lost its other end notices within this beyond dead peer detection, where path checks do not show it:
/// IKE's last retransmission comes before that.
constexpr base::Duration kHalfAtMost = 105s;
/// And within this where they do, once it is calm: some turns of a tunnel beside which another one carries the same.
constexpr base::Duration kShownWithin = 75s;
/// Flows that are tried in each selector of each tunnel.
constexpr int kSamples = 2;

std::string at(GatewayIndex gateway) {
  return "gw-" + std::to_string(gateway);
}

policy::Action action_of(const policy::Snapshot& policy, const base::Flow& flow) {
  const auto match = policy.first_match(flow);
  return match ? policy.rule(match->rule).action : policy::Action::kBypass;
}

}  // namespace

void Invariants::on_hop(const base::Flow& flow, const Hop& hop) const {
  const policy::Snapshot& policy = *nodes_.at(hop.gateway).policy;
  const auto out = policy.first_match(flow);
  const policy::Action leaves = out ? policy.rule(out->rule).action : policy::Action::kBypass;
  const policy::Action comes = action_of(policy, flow.mirrored());
  if (leaves == policy::Action::kProtect && !hop.into_tunnel) {
    if (!hop.opened || policy.rule(out->rule).on_failure != policy::OnFailure::kBypass) {
      throw Violation(flow.text() + " leaves " + at(hop.gateway) + " in the clear, and its policy protects it");
    }
  }
  if (leaves != policy::Action::kProtect && comes == policy::Action::kProtect && !hop.from_tunnel && !hop.into_tunnel) {
    throw Violation(flow.text() + " came to " + at(hop.gateway) + " in the clear, and its policy protects it");
  }
  if (leaves != policy::Action::kProtect && tunnels_.carrier(hop.gateway, flow) && nodes_.at(hop.gateway).engine) {
    throw Violation(flow.text() + " is exempt at " + at(hop.gateway) + ", and a tunnel there covers it");
  }
}

void Invariants::on_transmit(GatewayIndex from, const base::Bytes& packet) const {
  if (nodes_.at(from).authenticator == nullptr || is_probe(packet)) return;
  const auto datagram = wire::udp_of(packet);
  if (!datagram || datagram->source != ground_.topology.address(from)) return;
  const GatewayIndex to = ground_.topology.gateway_at(datagram->destination);
  if (to != kNobody && nodes_.at(to).key == nodes_.at(from).key) return;
  throw Violation(at(from) + " answers " + datagram->destination.text() + ", which cannot have proved who it is");
}

// All rules want proofs, so that everything that was answered or believed had one; what standing tunnels ask as well.
void Invariants::check_proofs(GatewayIndex gateway) const {
  if (nodes_.at(gateway).authenticator == nullptr) return;
  using enum engine::Counter;
  const engine::Counters& counters = nodes_.at(gateway).engine->counters();
  if (counters.value(kProbesAnswered) != counters.value(kProbesProven)) {
    throw Violation(at(gateway) + " answered a probe that proved nothing");
  }
  if (counters.value(kResponsesAccepted) != counters.value(kResponsesProven)) {
    throw Violation(at(gateway) + " believed a response that proved nothing");
  }
}

void Invariants::on_changed(const TunnelEnd& which) const {
  const Tunnel& tunnel = tunnels_.at(which.tunnel);
  const GatewayIndex gateway = tunnel.gateways[which.end];
  if (nodes_.at(gateway).engine) check_number(gateway);
  if (!tunnel.up[which.end]) return;
  if (nodes_.at(tunnel.gateways[0]).key != nodes_.at(tunnel.gateways[1]).key) {
    throw Violation("a tunnel between " + at(tunnel.gateways[0]) + " and " + at(tunnel.gateways[1]) +
                    " comes up, and they hold different keys");
  }
  if (!nodes_.at(gateway).engine) return;
  check_end(which);
  const engine::Tunnel* const known = nodes_.at(gateway).engine->tunnels().find(tunnel.id);
  if (known == nullptr) throw Violation(at(gateway) + " does not know its tunnel " + std::to_string(which.tunnel));
  check_alike(gateway, *known);
}

void Invariants::audit() const {
  for (GatewayIndex gateway = 0; gateway < nodes_.size(); ++gateway) {
    on_told(gateway);
    if (nodes_.at(gateway).engine) check_mirror(gateway);
  }
  audit_halves();
}

void Invariants::audit_halves() const {
  for (const std::uint32_t tunnel : tunnels_.halves()) check_half(tunnel);
}

void Invariants::audit_tunnels() {
  for (GatewayIndex gateway = 0; gateway < nodes_.size(); ++gateway) {
    if (!nodes_.at(gateway).engine) continue;
    for (const auto& [which, remote] : tunnels_.of(gateway)) {
      check_end(which);
      check_samples(which);
    }
  }
}

void Invariants::on_told(GatewayIndex gateway) const {
  const Node& node = nodes_.at(gateway);
  if (!node.engine) return;
  const engine::Engine& engine = *node.engine;
  const auto within = [&](std::size_t size, std::size_t bound, const char* what) {
    if (size > bound) throw Violation(at(gateway) + " holds " + std::to_string(size) + " " + what);
  };
  within(engine.discoveries().size(), engine.settings().limits.discoveries, "discoveries");
  within(engine.tunnels().all().size(), engine::kMaxTunnels, "tunnels");
  within(engine.peers().all().size(), engine::kMaxPeers, "peers");
  within(node.openings.size(), engine.settings().limits.openings, "openings");
  if (engine.counters().value(engine::Counter::kIllegalMoves) != 0) {
    throw Violation("a state machine of " + at(gateway) + " was told what cannot happen in its state");
  }
  for (const engine::Opening& opening : node.openings) {
    if (node.policy->rule(opening.rule).on_failure != policy::OnFailure::kBypass) {
      throw Violation(at(gateway) + " opens " + opening.destination.text() + " though its rule says block");
    }
  }
  check_proofs(gateway);
}

// Ids are of one tunnel each: when charon has as many, and each that is known, both have the same.
void Invariants::check_mirror(GatewayIndex gateway) const {
  check_number(gateway);
  for (const auto& [id, known] : nodes_.at(gateway).engine->tunnels().all()) check_alike(gateway, known);
}

void Invariants::check_number(GatewayIndex gateway) const {
  const std::size_t known = nodes_.at(gateway).engine->tunnels().all().size();
  const std::size_t there = tunnels_.of(gateway).size();
  if (known == there) return;
  throw Violation(at(gateway) + " knows " + std::to_string(known) + " tunnels, and charon has " +
                  std::to_string(there));
}

void Invariants::check_alike(GatewayIndex gateway, const engine::Tunnel& known) const {
  const engine::TunnelUp& facts = known.facts;
  const auto which = tunnels_.find(gateway, facts.id);
  if (which) {
    const Tunnel& tunnel = tunnels_.at(which->tunnel);
    const bool is_same_peer = facts.peer == ground_.topology.address(tunnel.gateways[1 - which->end]);
    const auto is_same = [end = which->end](const base::Selector& mine, const base::Selector& from_end_0) {
      return mine == (end == 0 ? from_end_0 : from_end_0.mirrored());
    };
    if (is_same_peer && std::ranges::equal(facts.selectors, tunnel.selectors, is_same)) return;
  }
  throw Violation(at(gateway) + " and charon disagree about the tunnel to " + facts.peer.text() + " with " +
                  facts.selectors.front().text());
}

void Invariants::check_end(const TunnelEnd& which) const {
  const Tunnel& tunnel = tunnels_.at(which.tunnel);
  const GatewayIndex gateway = tunnel.gateways[which.end];
  std::optional<policy::RuleIndex> rule;
  for (const base::Selector& selector : tunnel.selectors) {
    const base::Selector mine = which.end == 0 ? selector : selector.mirrored();
    const auto one = policy::sound(*nodes_.at(gateway).policy, mine);
    if (!one || (rule && rule != one)) {
      throw Violation("a tunnel at " + at(gateway) + " carries " + mine.text() + ", which its policy does not protect");
    }
    rule = one;
  }
}

base::Flow Invariants::sample(const base::Selector& selector) {
  const auto address = [this](const base::MaskedAddress& set) {
    const base::Uint128 any = base::Uint128{random_.secret()} << 64 | random_.secret();
    return base::Address(set.family(), set.address().value() | (any & ~set.mask()));
  };
  const auto port = [this](base::PortRange range) {
    return static_cast<std::uint16_t>(range.lo + random_.jitter(std::uint64_t{range.hi} - range.lo + 1));
  };
  base::Flow flow{
      .source = address(selector.local),
      .destination = address(selector.remote),
      .protocol = selector.protocol.value_or(random_.jitter(2) == 0 ? base::Protocol::kTcp : base::Protocol::kUdp),
      .source_port = port(selector.local_port),
      .destination_port = port(selector.remote_port)};
  return flow;
}

// Nothing but first matches: what `sound` says, tried out.
void Invariants::check_samples(const TunnelEnd& which) {
  const Tunnel& tunnel = tunnels_.at(which.tunnel);
  const GatewayIndex gateway = tunnel.gateways[which.end];
  for (const base::Selector& selector : tunnel.selectors) {
    for (int i = 0; i < kSamples; ++i) {
      const base::Flow flow = sample(which.end == 0 ? selector : selector.mirrored());
      if (action_of(*nodes_.at(gateway).policy, flow) == policy::Action::kProtect) continue;
      throw Violation("a tunnel at " + at(gateway) + " covers " + flow.text() + ", which its policy exempts");
    }
  }
}

void Invariants::check_half(std::uint32_t tunnel) const {
  const Tunnel& one = tunnels_.at(tunnel);
  if (one.up[0] == one.up[1] || one.pending) return;
  const base::Instant calm = base::Instant{} + ground_.options.calm;
  const bool too_long = ground_.now - one.half_since > ground_.options.dead_peer + kHalfAtMost;
  const bool overlooked =
      ground_.now - std::max(one.half_since, calm) > kShownWithin && is_shown({tunnel, one.up[0] ? End{0} : End{1}});
  if (!too_long && !overlooked) return;
  throw Violation("a tunnel between " + at(one.gateways[0]) + " and " + at(one.gateways[1]) +
                  " stands at one end alone since " + text(one.half_since) +
                  (too_long ? "" : ", and the other end answers when it is probed for"));
}

// A probe for the flow that the end checks its tunnel with comes to the other end first, as long as nothing changes.
bool Invariants::is_shown(const TunnelEnd& which) const {
  const Tunnel& tunnel = tunnels_.at(which.tunnel);
  const GatewayIndex gateway = tunnel.gateways[which.end];
  const engine::Tunnels& known = nodes_.at(gateway).engine->tunnels();
  const engine::Tunnel* mine = known.find(tunnel.id);
  if (mine == nullptr || !nodes_.at(gateway).policy->rule(mine->rule).discover) return false;
  const base::Flow flow = known.own_flow(*mine).value_or(mine->flow);
  const Site source = ground_.topology.site_of(flow.source);
  const Site destination = ground_.topology.site_of(flow.destination);
  if (source == kNobody || destination == kNobody) return false;
  return answerer(gateway, flow, source, destination) == tunnel.gateways[1 - which.end];
}

GatewayIndex Invariants::answerer(GatewayIndex from, const base::Flow& flow, Site source, Site destination) const {
  GatewayIndex gateway = ground_.topology.next(from, source, destination);
  for (; gateway != kNobody; gateway = ground_.topology.next(gateway, source, destination)) {
    const policy::Snapshot& policy = *nodes_.at(gateway).policy;
    const auto comes = policy.first_match(flow.mirrored());
    const bool believes = nodes_.at(gateway).key == nodes_.at(from).key;
    if (believes && comes && policy.rule(comes->rule).action == policy::Action::kProtect &&
        policy.rule(comes->rule).respond)
      break;
  }
  return gateway;
}

// As the probe does: the first gateway that protects the flow asks, the first behind it that protects it answers.
std::optional<Invariants::Pair> Invariants::expected(const FlowState& state) const {
  const base::Flow flow = hosts_.flow(state);
  Pair pair;
  for (GatewayIndex gateway = ground_.topology.next(kNobody, state.source, state.destination);
       gateway != kNobody && pair.asks == kNobody;
       gateway = ground_.topology.next(gateway, state.source, state.destination)) {
    const policy::Snapshot& policy = *nodes_.at(gateway).policy;
    const auto leaves = policy.first_match(flow);
    const policy::Action out = leaves ? policy.rule(leaves->rule).action : policy::Action::kBypass;
    if (out == policy::Action::kProtect && policy.rule(leaves->rule).discover) {
      pair = {gateway, answerer(gateway, flow, state.source, state.destination)};
    } else if (out != policy::Action::kBypass || action_of(policy, flow.mirrored()) != policy::Action::kBypass) {
      return std::nullopt;
    }
  }
  if (pair.answers == kNobody) return std::nullopt;
  static constexpr auto kPlane = policy::DataPlane::kKernel;
  const auto theirs = policy::offer(*nodes_.at(pair.answers).policy, flow.mirrored());
  const bool agreed = theirs && policy::agree(*nodes_.at(pair.asks).policy, flow, theirs->mirrored(), kPlane);
  return agreed ? std::optional(pair) : std::nullopt;
}

std::string Invariants::known(GatewayIndex gateway, const base::Flow& flow) const {
  std::string all;
  for (const auto& [id, discovery] : nodes_.at(gateway).engine->discoveries().all()) {
    if (discovery.flow.destination != flow.destination) continue;
    all +=
        "; " + std::string(engine::name(discovery.state)) + " for " + discovery.flow.text() + ": " + discovery.reason;
  }
  return all;
}

void Invariants::check_flow(const FlowState& state) {
  const auto pair = expected(state);
  if (!pair) {
    unanswered_ += state.tunnelled ? 0 : 1;
    return;
  }
  const base::Flow flow = hosts_.flow(state);
  const auto which = tunnels_.carrier(pair->asks, flow);
  if (!which || !tunnels_.at(which->tunnel).up[1 - which->end]) {
    if (!which && ground_.options.room != 0) return;  // its turn may not have come: others ask as well, again and again
    throw Violation(flow.text() + " has no tunnel from " + at(pair->asks) + " though " + at(pair->answers) +
                    " answers" +
                    (which ? ": it goes into one that does not stand at its other end" : known(pair->asks, flow)));
  }
  const Tunnel& tunnel = tunnels_.at(which->tunnel);
  if (ground_.topology.serves(tunnel.gateways[1 - which->end], state.destination)) return;
  ++stranded_;
  if (!ground_.options.strict) return;
  throw Violation(flow.text() + " goes into a tunnel to " + at(tunnel.gateways[1 - which->end]) +
                  ", and its destination is behind " + at(pair->answers) + " now");
}

}  // namespace sim
