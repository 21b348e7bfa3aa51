#include "sim/ike.hpp"

#include <algorithm>
#include <utility>

namespace sim {

namespace {

using namespace std::chrono_literals;

/// charon's own work on a request.
constexpr base::Duration kWork = 2ms;
/// charon sends again after 4 s, and 1.8 times later each time (strongswan.conf, retransmit_timeout and _base).
constexpr base::Duration kRetransmit = 4s;
constexpr double kRetransmitBase = 1.8;
constexpr unsigned kTries = 6;
constexpr base::Duration kDeadPeerSpread = 10s;

}  // namespace

bool Ike::reaches(const Negotiation& negotiation) const {
  if (negotiation.peer == kNobody || !ground_.connected(negotiation.from, negotiation.peer)) return false;
  const Node& peer = nodes_.at(negotiation.peer);
  return nodes_.at(negotiation.from).forwards && peer.charon && peer.forwards;
}

void Ike::go_on(std::uint32_t negotiation, Step step, base::Duration after) {
  negotiations_[negotiation].step = step;
  ground_.after(after, Happens::kIke, negotiation, negotiations_[negotiation].generation);
}

void Ike::bring_up(GatewayIndex from, engine::BringUp wanted) {
  if (!nodes_.at(from).charon) return nodes_.tell(from, engine::BringUpFailed{wanted.cookie, "charon is away"});
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(negotiations_.size()));
    negotiations_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  Negotiation& negotiation = negotiations_[place];
  const std::uint32_t generation = negotiation.generation;
  negotiation = {.generation = generation,
                 .from = from,
                 .peer = ground_.topology.gateway_at(wanted.peer),
                 .wanted = std::move(wanted),
                 .charons = nodes_.at(from).charons};
  ground_.metrics.add(Figure::kNegotiations);
  ground_.tell(Tale::kInitiated, from, negotiation.peer);
  // What is no gateway of ours either answers and cannot prove who it is, or is silent.
  const bool stranger = negotiation.peer == kNobody && ground_.random.jitter(2) == 0;
  if (stranger) return go_on(place, Step::kRefused, ground_.options.delay * 4);
  go_on(place, Step::kInit, kWork);
}

void Ike::on_step(std::uint32_t negotiation, std::uint32_t generation) {
  Negotiation& one = negotiations_[negotiation];
  if (one.generation != generation) return;
  if (nodes_.at(one.from).charons != one.charons) return fail(negotiation, Tale::kCharonEnds, "charon ended");
  switch (one.step) {
    case Step::kInit:
    case Step::kAuth: return on_request(negotiation);
    case Step::kAtResponder: return on_at_responder(negotiation);
    case Step::kRefused: return fail(negotiation, Tale::kRefused, "AUTHENTICATION_FAILED");
    case Step::kAtInitiator: return on_at_initiator(negotiation);
  }
}

GatewayIndex Ike::acts(std::uint32_t negotiation) const {
  const Negotiation& one = negotiations_[negotiation];
  return one.step == Step::kAtResponder ? one.peer : one.from;
}

void Ike::send_again(std::uint32_t negotiation) {
  Negotiation& one = negotiations_[negotiation];
  if (++one.tries >= kTries) return fail(negotiation, Tale::kUnanswered, "no answer");
  double wait = static_cast<double>(kRetransmit.count());
  for (unsigned i = 1; i < one.tries; ++i) wait *= kRetransmitBase;
  go_on(negotiation, one.step, base::Duration(static_cast<base::Duration::rep>(wait)));
}

// IKE_SA_INIT is one round trip; IKE_AUTH is followed to the responder and back, because both ends act on it.
void Ike::on_request(std::uint32_t negotiation) {
  Negotiation& one = negotiations_[negotiation];
  if (!reaches(one) || lost()) return send_again(negotiation);
  const base::Duration there = links_.delay(one.from, one.peer);
  if (one.step == Step::kAuth) return go_on(negotiation, Step::kAtResponder, there);
  if (lost()) return send_again(negotiation);
  one.tries = 0;
  if (ladder_.is_watched(one.wanted.cookie)) {
    ladder_.add({ground_.now, ground_.now + there, gateway_name(one.from), gateway_name(one.peer), "IKE_SA_INIT"});
    ladder_.add({ground_.now + there, ground_.now + there + links_.delay(one.peer, one.from), gateway_name(one.peer),
                 gateway_name(one.from), "IKE_SA_INIT"});
  }
  go_on(negotiation, Step::kAuth, there + links_.delay(one.peer, one.from) + kWork);
}

void Ike::on_at_responder(std::uint32_t negotiation) {
  Negotiation& one = negotiations_[negotiation];
  const base::Duration there = links_.delay(one.from, one.peer);
  const base::Duration back = links_.delay(one.peer, one.from);
  one.step = Step::kAuth;
  if (!reaches(one)) return send_again(negotiation);
  if (one.tunnel == kNobody) {
    if (!ground_.calm && ground_.chance(ground_.options.ike_failure)) return go_on(negotiation, Step::kRefused, back);
    one.tunnel = tunnels_.add(one.from, one.peer, one.wanted.selectors, one.wanted.cookie, ground_.now);
    tunnels_.at(one.tunnel).pending = true;
    const TunnelEnd far{one.tunnel, 1};
    if (ladder_.is_watched(one.wanted.cookie)) {
      ladder_.add({ground_.now - there, ground_.now, gateway_name(one.from), gateway_name(one.peer), "IKE_AUTH"});
      ladder_.add({ground_.now, ground_.now + back, gateway_name(one.peer), gateway_name(one.from), "IKE_AUTH"});
    }
    raise(far);  // may move negotiations_: its engine may ask for another
  }
  if (lost()) return send_again(negotiation);
  go_on(negotiation, Step::kAtInitiator, back + kWork);
}

void Ike::on_at_initiator(std::uint32_t negotiation) {
  const Negotiation one = negotiations_[negotiation];
  tunnels_.at(one.tunnel).pending = false;
  end(negotiation);
  if (ladder_.is_watched(one.wanted.cookie)) {
    ladder_.add({ground_.now, ground_.now, gateway_name(one.from), gateway_name(one.from), "tunnel up"});
  }
  raise({one.tunnel, 0});
  Tunnel& tunnel = tunnels_.at(one.tunnel);
  if (tunnel.up[0] && !tunnel.up[1]) return lower({one.tunnel, 0});  // ended there meanwhile
  if (tunnel.stands() && ground_.options.rekey.count() > 0) {
    ground_.after(ground_.options.rekey + ground_.up_to(ground_.options.rekey / 8), Happens::kRekey, one.tunnel,
                  tunnel.generation);
  }
}

void Ike::fail(std::uint32_t negotiation, Tale tale, const std::string& reason) {
  const Negotiation one = negotiations_[negotiation];
  ground_.metrics.add(Figure::kRefused);
  ground_.tell(tale, one.from, one.peer);
  if (one.tunnel != kNobody) {
    tunnels_.at(one.tunnel).pending = false;
    if (tunnels_.at(one.tunnel).up[1]) {
      watch_for_dead_peer(one.tunnel);
    } else {
      tunnels_.release(one.tunnel);
    }
  }
  end(negotiation);
  nodes_.tell(one.from, engine::BringUpFailed{one.wanted.cookie, reason});
}

void Ike::end(std::uint32_t negotiation) {
  ++negotiations_[negotiation].generation;
  negotiations_[negotiation].wanted = {};
  free_.push_back(negotiation);
}

// Equal selectors between the same two gateways: one of them is for nothing.
bool Ike::is_double(const Tunnel& tunnel) const {
  const auto& held = tunnels_.of(tunnel.gateways[0]);
  const auto is_it = [&](const Held& one) { return &tunnels_.at(one.which.tunnel) == &tunnel; };
  const Likeness remote = std::ranges::find_if(held, is_it)->remote;
  return std::ranges::any_of(held, [&](const Held& like) {
    if (like.remote != remote) return false;
    const TunnelEnd other = like.which;
    const Tunnel& one = tunnels_.at(other.tunnel);
    if (&one == &tunnel || !one.stands() || one.gateways[1 - other.end] != tunnel.gateways[1]) return false;
    if (other.end == 0) return std::ranges::is_permutation(one.selectors, tunnel.selectors);
    return std::ranges::is_permutation(one.selectors, tunnel.selectors,
                                       [](const auto& a, const auto& b) { return a.mirrored() == b; });
  });
}

void Ike::raise(TunnelEnd which) {
  const Tunnel& tunnel = tunnels_.at(which.tunnel);
  const GatewayIndex at = tunnel.gateways[which.end];
  tunnels_.raise(which, ground_.now);
  if (tunnel.stands()) {
    ground_.metrics.add(Figure::kTunnelsUp);
    if (is_double(tunnel)) ground_.metrics.add(Figure::kTunnelsDouble);
  }
  ground_.tell(Tale::kTunnelUp, at, tunnel.gateways[1 - which.end], which.tunnel);
  changed_.push_back(which);
  nodes_.tell(at, tunnels_.facts(which, ground_.topology));
}

void Ike::lower(TunnelEnd which) {
  Tunnel& tunnel = tunnels_.at(which.tunnel);
  const GatewayIndex at = tunnel.gateways[which.end];
  const engine::TunnelId id = tunnel.id;
  tunnels_.lower(which, ground_.now);
  ground_.metrics.add(Figure::kTunnelsDown);
  ground_.tell(Tale::kTunnelDown, at, tunnel.gateways[1 - which.end], which.tunnel);
  changed_.push_back(which);
  if (!tunnel.up[0] && !tunnel.up[1] && !tunnel.pending) tunnels_.release(which.tunnel);
  nodes_.tell(at, engine::TunnelDown{id});
}

// INFORMATIONAL with a delete: sent again when it is lost, and useless when the other end cannot be reached.
void Ike::take_down(GatewayIndex from, engine::TunnelId id) {
  const auto which = tunnels_.find(from, id);
  if (!which) return;
  const Tunnel& tunnel = tunnels_.at(which->tunnel);
  const GatewayIndex other = tunnel.gateways[1 - which->end];
  const std::uint32_t generation = tunnel.generation;
  lower(*which);
  if (tunnels_.at(which->tunnel).generation != generation) return;
  if (!ground_.connected(from, other)) return watch_for_dead_peer(which->tunnel);
  ground_.after(links_.delay(from, other) + (lost() ? kRetransmit : base::Duration{}), Happens::kDelete, which->tunnel,
                generation);
}

void Ike::on_delete(std::uint32_t tunnel, std::uint32_t generation) {
  for (End end = 0; end < 2; ++end) {
    const Tunnel& one = tunnels_.at(tunnel);
    if (one.generation == generation && one.up[end] && !one.up[1 - end]) return lower({tunnel, end});
  }
}

void Ike::watch_for_dead_peer(std::uint32_t tunnel) {
  ground_.after(ground_.options.dead_peer + ground_.up_to(kDeadPeerSpread), Happens::kDeadPeer, tunnel,
                tunnels_.at(tunnel).generation);
}

void Ike::on_dead_peer(std::uint32_t tunnel, std::uint32_t generation) {
  for (End end = 0; end < 2; ++end) {
    const Tunnel& one = tunnels_.at(tunnel);
    if (one.generation != generation || !one.up[end]) continue;
    if (one.pending) return watch_for_dead_peer(tunnel);
    const bool alive = one.up[1 - end] && ground_.connected(one.gateways[0], one.gateways[1]) &&
                       nodes_.at(one.gateways[1 - end]).forwards;
    if (alive) continue;
    ground_.tell(Tale::kDeadPeer, one.gateways[end], one.gateways[1 - end], tunnel);
    lower({tunnel, end});
  }
}

void Ike::on_rekey(std::uint32_t tunnel, std::uint32_t generation) {
  const Tunnel& one = tunnels_.at(tunnel);
  if (one.generation != generation) return;
  ground_.after(ground_.options.rekey, Happens::kRekey, tunnel, generation);
  if (!one.stands() || !ground_.connected(one.gateways[0], one.gateways[1])) return;
  const engine::TunnelId before = one.id;
  tunnels_.renew(tunnel);
  ground_.metrics.add(Figure::kRekeyed);
  ground_.tell(Tale::kRekeyed, one.gateways[0], one.gateways[1], tunnel);
  for (End end = 0; end < 2; ++end) changed_.push_back({tunnel, end});
  const std::array gateways = one.gateways;
  const std::array facts = {tunnels_.facts({tunnel, 0}, ground_.topology),
                            tunnels_.facts({tunnel, 1}, ground_.topology)};
  for (End end = 0; end < 2; ++end) nodes_.tell(gateways[end], engine::TunnelRekeyed{before, facts[end]});
}

void Ike::end_charon(GatewayIndex gateway) {
  ++nodes_.at(gateway).charons;
  const std::vector<Held> mine = tunnels_.of(gateway);
  for (const auto& [which, remote] : mine) {
    const std::uint32_t generation = tunnels_.at(which.tunnel).generation;
    lower(which);
    if (tunnels_.at(which.tunnel).generation == generation) watch_for_dead_peer(which.tunnel);
  }
}

void Ike::on_partition() {
  for (std::uint32_t tunnel = 0; tunnel < tunnels_.size(); ++tunnel) {
    const Tunnel& one = tunnels_.at(tunnel);
    if ((one.up[0] || one.up[1]) && !ground_.connected(one.gateways[0], one.gateways[1])) watch_for_dead_peer(tunnel);
  }
}

}  // namespace sim
