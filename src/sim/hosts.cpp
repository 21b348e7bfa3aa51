#include "sim/hosts.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace sim {

namespace {

using namespace std::chrono_literals;

/// As TCP sends a SYN again, but not later than so many doublings.
constexpr base::Duration kAgain = 1s;
constexpr std::uint8_t kDoublings = 2;
/// No packet loops for longer: paths have four gateways.
constexpr int kMostHops = 12;
constexpr std::array<std::uint16_t, 4> kServices = {53, 80, 443, 8443};
constexpr std::uint16_t kFirstPort = 32768;
constexpr std::uint32_t kPorts = 28'000;

policy::Action action_of(const policy::Snapshot& policy, const std::optional<policy::Match>& match) {
  return match ? policy.rule(match->rule).action : policy::Action::kBypass;
}

// How far round the ring of all sites those are that a site talks to: no distance twice, and none of half the way or
// more. So each site is talked to by as many others, and by none that it talks to itself: how many tunnels there are
// for a flow does not depend on how many sites there are. None at all: a site talks to so many that there is no such
// choice.
std::vector<Site> distances(std::uint32_t peers, std::uint32_t sites, SeededRandom& random) {
  std::vector<Site> all((sites - 1) / 2);
  if (peers > all.size()) return {};
  std::iota(all.begin(), all.end(), Site{1});
  for (std::size_t i = 0; i < peers; ++i) std::swap(all[i], all[i + random.jitter(all.size() - i)]);
  all.resize(peers);
  return all;
}

}  // namespace

Hosts::Hosts(Ground& ground, Nodes& nodes, TunnelTable& tunnels, Ladder& ladder)
    : ground_(ground),
      nodes_(nodes),
      tunnels_(tunnels),
      ladder_(ladder),
      distances_(distances(ground.options.peers, ground.topology.sites(), ground.random)) {
  flows_.reserve(ground.options.flows);
  while (flows_.size() < ground.options.flows) add_flow(static_cast<std::uint32_t>(flows_.size()));
  watch_one();
}

// The first to start of those that both ends protect shows a discovery.
void Hosts::watch_one() {
  const FlowState* first = nullptr;
  for (const FlowState& state : flows_) {
    if (first != nullptr && state.first >= first->first) continue;
    const base::Flow one = flow(state);
    const policy::Snapshot& near = *nodes_.at(ground_.topology.inner(state.source)).policy;
    const policy::Snapshot& far = *nodes_.at(ground_.topology.inner(state.destination)).policy;
    const bool both = action_of(near, near.first_match(one)) == policy::Action::kProtect &&
                      action_of(far, far.first_match(one.mirrored())) == policy::Action::kProtect;
    if (both) first = &state;
  }
  if (first == nullptr) return;
  watched_ = *first;
  ladder_.watch(flow(*first));
}

// Of as many choices as it has peers, always the same: some of them may be the same site.
Site Hosts::any_peer(Site source) {
  const std::uint32_t sites = ground_.topology.sites();
  const std::uint32_t peers = ground_.options.peers;
  const bool few = peers != 0 && peers < sites - 1;
  SeededRandom choice((std::uint64_t{source} << 32) + ground_.random.jitter(few ? peers : sites));
  return static_cast<Site>((source + 1 + choice.jitter(sites - 1)) % sites);
}

// A flow goes to one of the sites that its own site talks to; some are the answer to the one before.
void Hosts::add_flow(std::uint32_t number) {
  SeededRandom& random = ground_.random;
  const std::uint32_t sites = ground_.topology.sites();
  FlowState state;
  base::Instant start = ground_.now + ground_.up_to(ground_.options.ramp);
  if (number > 0 && ground_.chance(ground_.options.crossing)) {
    const FlowState& before = flows_.back();
    state.source = before.destination;
    state.destination = before.source;
    state.source_host = before.destination_host;
    state.destination_host = before.source_host;
    start = before.first + ground_.up_to(ground_.options.delay * 2);
  } else {
    state.source = static_cast<Site>(random.jitter(sites));
    state.destination = distances_.empty() ? any_peer(state.source)
                                           : (state.source + distances_[random.jitter(distances_.size())]) % sites;
    state.source_host = static_cast<std::uint16_t>(random.jitter(ground_.topology.hosts_per_site()));
    state.destination_host = static_cast<std::uint16_t>(random.jitter(ground_.topology.hosts_per_site()));
  }
  state.protocol = random.jitter(3) == 0 ? base::Protocol::kUdp : base::Protocol::kTcp;
  state.source_port = static_cast<std::uint16_t>(kFirstPort + random.jitter(kPorts));
  state.destination_port = kServices[random.jitter(kServices.size())];
  state.first = start;
  flows_.push_back(state);
  ground_.queue.push(start, Happens::kPacket, number);
}

base::Flow Hosts::flow(const FlowState& state) const {
  return {.source = ground_.topology.host(state.source, state.source_host),
          .destination = ground_.topology.host(state.destination, state.destination_host),
          .protocol = state.protocol,
          .source_port = state.source_port,
          .destination_port = state.destination_port};
}

void Hosts::on_packet(std::uint32_t number) {
  const base::Flow sent = flow(flows_[number]);
  if (!flows_[number].started) ground_.metrics.add(Figure::kFlowsStarted);
  flows_[number].started = true;
  const Fared fared = send(sent, flows_[number].source, flows_[number].destination);
  count(fared);
  FlowState& state = flows_[number];
  const bool arrived = fared.how == Fared::How::kEncrypted || fared.how == Fared::How::kClear;
  with_tunnel_ += fared.tunnelled ? 1 : 0;
  with_tunnel_ -= state.tunnelled ? 1 : 0;
  state.tunnelled = fared.tunnelled;
  if (fared.tunnelled && state.waited == 0) {
    state.waited = static_cast<std::uint32_t>((ground_.now - state.first) / 10us) + 1;
  }
  state.refusals = arrived ? std::uint8_t{0} : std::min<std::uint8_t>(kDoublings, state.refusals + 1);
  const base::Duration wait =
      arrived ? ground_.options.think : kAgain * (1U << (std::max<unsigned>(1, state.refusals) - 1));
  ground_.after(wait + ground_.up_to(wait / 8), Happens::kPacket, number);
  if (arrived) count(send(sent.mirrored(), state.destination, state.source));
}

void Hosts::count(Fared fared) {
  static constexpr std::array kFigure = {Figure::kEncrypted, Figure::kClear, Figure::kDropped, Figure::kBlackholed};
  ground_.metrics.add(Figure::kPackets);
  ground_.metrics.add(kFigure[static_cast<std::size_t>(fared.how)]);
}

GatewayIndex Hosts::through(GatewayIndex from, const TunnelEnd& which) const {
  const Tunnel& tunnel = tunnels_.at(which.tunnel);
  const GatewayIndex peer = tunnel.gateways[1 - which.end];
  const bool out = tunnel.up[1 - which.end] && nodes_.at(peer).forwards && ground_.connected(from, peer);
  return out ? peer : kNobody;
}

// Each gateway does what the guard does: first match, as it leaves and as it comes.
Fared Hosts::send(const base::Flow& flow, Site source, Site destination) {
  Fared fared;
  GatewayIndex before = kNobody;
  GatewayIndex gateway = ground_.topology.next(kNobody, source, destination);
  bool from_tunnel = false;
  const bool watched = ladder_.is_watched(flow);
  for (int hops = 0; gateway != kNobody && hops < kMostHops; ++hops) {
    const Node& node = nodes_.at(gateway);
    if (!node.forwards || (before != kNobody && !ground_.connected(before, gateway))) return fared;
    const auto match = node.policy->first_match(flow);
    const policy::Action out = action_of(*node.policy, match);
    Hop hop{.gateway = gateway, .from_tunnel = from_tunnel};
    if (out == policy::Action::kBlock) return fared;
    if (out == policy::Action::kProtect) {
      if (const auto tunnel = tunnels_.carrier(gateway, flow)) {
        hop.into_tunnel = true;
        look_(flow, hop);
        const GatewayIndex peer = through(gateway, *tunnel);
        if (watched && peer != kNobody) {
          ladder_.add({ground_.now, ground_.now, gateway_name(gateway), gateway_name(peer), "P, in the tunnel"});
          ladder_.finish();
        }
        if (peer == kNobody) {
          fared.how = Fared::How::kBlackholed;
          return fared;
        }
        fared.tunnelled = true;
        before = peer;
        gateway = ground_.topology.next(peer, source, destination);
        from_tunnel = false;
        continue;
      }
      if (watched) ladder_.add({ground_.now, ground_.now, "source", gateway_name(gateway), "P, dropped"});
      nodes_.tell(gateway, engine::FlowCaught{flow});
      hop.opened = nodes_.at(gateway).is_open(match->rule, flow.destination);
      if (!hop.opened) return fared;
    } else if (!from_tunnel &&
               action_of(*node.policy, node.policy->first_match(flow.mirrored())) != policy::Action::kBypass) {
      return fared;
    }
    look_(flow, hop);
    before = gateway;
    gateway = ground_.topology.next(gateway, source, destination);
  }
  if (gateway == kNobody) fared.how = fared.tunnelled ? Fared::How::kEncrypted : Fared::How::kClear;
  return fared;
}

}  // namespace sim
