#include "sim/world.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace sim {

struct World::Gateway {
  std::string name;
  base::Address address;
  std::size_t position;  ///< between gap `position` and gap `position` + 1
  std::unique_ptr<engine::Engine> engine;
  std::vector<engine::Opening> openings;
  std::vector<base::Bytes> released;
  bool on_path = true;
  std::string traced{};
};

World::World(std::uint64_t seed, base::Duration link_delay) : random_(seed), hash_(seed), delay_(link_delay) {}
World::~World() = default;

void World::add_gateway(GatewaySpec spec) {
  auto policy = std::make_shared<const policy::Snapshot>(std::move(spec.rules));
  auto engine =
      std::make_unique<engine::Engine>(engine::Settings{.gateways = {spec.address}, .observes = spec.observes},
                                       std::move(policy), engine::Ports{random_, hash_, nullptr, spec.authenticator});
  gateways_.push_back(std::make_unique<Gateway>(
      Gateway{std::move(spec.name), spec.address, gateways_.size(), std::move(engine), {}, {}, true}));
}

void World::place(const base::Prefix& hosts, std::size_t gap) {
  places_.emplace_back(hosts, gap);
}

void World::on_ike(base::Duration takes, std::function<std::optional<std::string>(const engine::BringUp&)> judge) {
  ike_takes_ = takes;
  ike_judge_ = std::move(judge);
}

World::Gateway& World::named(const std::string& name) {
  return **std::ranges::find_if(gateways_, [&](const auto& gateway) { return gateway->name == name; });
}

engine::Engine& World::engine(const std::string& name) {
  return *named(name).engine;
}

void World::lead_around(const std::string& name, bool around) {
  named(name).on_path = !around;
}

const std::vector<base::Bytes>& World::released(const std::string& name) {
  return named(name).released;
}

const std::string& World::traced(const std::string& name) {
  return named(name).traced;
}

void World::tell(const std::string& name, engine::Event event) {
  handle(named(name), std::move(event));
}

void World::at(base::Duration delay, Task task) {
  agenda_.emplace(std::pair{now_ + delay, order_++}, std::move(task));
}

void World::run_for(base::Duration span) {
  const base::Instant end = now_ + span;
  while (true) {
    base::Instant next = agenda_.empty() ? base::Instant::max() : agenda_.begin()->first.first;
    Gateway* timer = nullptr;
    for (const auto& gateway : gateways_) {
      const auto deadline = gateway->engine->next_deadline();
      if (deadline && *deadline < next) {
        next = *deadline;
        timer = gateway.get();
      }
    }
    if (next > end) break;
    now_ = std::max(now_, next);
    if (timer != nullptr) {
      timer->engine->on_deadline(now_);
      drain(*timer);
      continue;
    }
    const Task task = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    task();
  }
  now_ = end;
}

void World::handle(Gateway& gateway, engine::Event event) {
  gateway.engine->handle(std::move(event), now_);
  drain(gateway);
}

void World::drain(Gateway& gateway) {
  while (auto action = gateway.engine->next_action()) carry_out(gateway, *std::move(action));
}

void World::carry_out(Gateway& gateway, engine::Action action) {
  if (auto* transmitted = std::get_if<engine::Transmit>(&action)) transmit(gateway, std::move(transmitted->packet));
  if (auto* wanted = std::get_if<engine::BringUp>(&action)) bring_up(gateway, *wanted);
  if (auto* unwanted = std::get_if<engine::TakeDown>(&action)) take_down(gateway, unwanted->id);
  if (auto* release = std::get_if<engine::Release>(&action)) {
    std::ranges::move(release->packets, std::back_inserter(gateway.released));
  }
  if (auto* done = std::get_if<engine::TraceDone>(&action)) gateway.traced = std::move(done->reason);
  if (auto* openings = std::get_if<engine::SetOpenings>(&action)) gateway.openings = std::move(openings->openings);
}

// --- discovery datagrams ---

std::string World::describe(const base::Bytes& packet) {
  const auto datagram = wire::udp_of(packet);
  if (!datagram) return "?";
  const auto message = wire::decode(datagram->payload);
  if (!message) return "?";
  return std::holds_alternative<wire::Probe>(*message) ? "PROBE" : "RESPONSE";
}

void World::transmit(Gateway& from, base::Bytes packet) {
  const auto datagram = wire::udp_of(packet);
  if (!datagram) return;  // a damaged one that somebody passes on
  Gateway* target = owner_of(datagram->destination);
  if (target == nullptr) target = next_on_path(&from, datagram->source, datagram->destination);
  std::string arrow = from.name + " -> " + (target != nullptr ? target->name : "host") + " " + describe(packet);
  const Fate fate = judge_ ? judge_(arrow, packet) : Fate::kArrives;
  if (fate == Fate::kLost) arrow += " lost";
  arrows_.push_back(std::move(arrow));
  if (fate == Fate::kArrives && target != nullptr) {
    at(delay_, [this, target, packet = std::move(packet)]() mutable { arrive(target, std::move(packet)); });
  }
}

void World::arrive(Gateway* target, base::Bytes packet) {
  handle(*target, engine::DatagramCaught{std::move(packet)});
}

// --- IKE ---

void World::bring_up(Gateway& from, const engine::BringUp& action) {
  const auto failure = ike_judge_ ? ike_judge_(action) : std::nullopt;
  Gateway* peer = owner_of(action.peer);
  if (failure || peer == nullptr) {
    arrows_.push_back(from.name + " -> " + (peer != nullptr ? peer->name : "?") + " IKE failed");
    at(ike_takes_, [this, &from, action, failure] {
      handle(from, engine::BringUpFailed{action.cookie, failure.value_or("no such peer")});
    });
    return;
  }
  arrows_.push_back(from.name + " -> " + peer->name + " IKE " + action.selectors.front().text());
  at(ike_takes_, [this, &from, peer, action] {
    const engine::TunnelId id{++last_tunnel_};
    engine::TunnelUp far{id, from.address, peer->address, {}, {}};
    for (const auto& selector : action.selectors) far.selectors.push_back(selector.mirrored());
    handle(*peer, far);
    handle(from, engine::TunnelUp{id, action.peer, action.gateway, action.selectors, action.cookie});
  });
}

void World::take_down(Gateway& from, engine::TunnelId id) {
  at(base::Duration{}, [this, &from, id] { handle(from, engine::TunnelDown{id}); });
  for (const auto& other : gateways_) {
    if (other.get() == &from || !other->engine->tunnels().all().contains(id)) continue;
    at(delay_, [this, &other, id] { handle(*other, engine::TunnelDown{id}); });
  }
}

// --- packets of hosts ---

std::optional<std::size_t> World::gap_of(const base::Address& host) const {
  for (const auto& [hosts, gap] : places_) {
    if (base::MaskedAddress(hosts).contains(host)) return gap;
  }
  return std::nullopt;
}

World::Gateway* World::next_on_path(const Gateway* from, const base::Address& source,
                                    const base::Address& destination) {
  const auto start = gap_of(source);
  const auto end = gap_of(destination);
  if (!start || !end || *start == *end) return nullptr;
  const bool rightwards = *start < *end;
  const auto begin =
      from == nullptr ? (rightwards ? *start : *start - 1) : (rightwards ? from->position + 1 : from->position - 1);
  if (rightwards ? begin >= *end : begin + 1 <= *end) return nullptr;
  Gateway* next = gateways_[begin].get();
  return next->on_path ? next : next_on_path(next, source, destination);
}

World::Gateway* World::owner_of(const base::Address& address) {
  const auto found = std::ranges::find_if(gateways_, [&](const auto& gateway) { return gateway->address == address; });
  return found == gateways_.end() ? nullptr : found->get();
}

// The youngest, as data planes do it.
const engine::TunnelUp* World::tunnel_for(const Gateway& gateway, const base::Flow& flow) {
  for (const auto& [id, tunnel] : std::views::reverse(gateway.engine->tunnels().all())) {
    for (const base::Selector& selector : tunnel.facts.selectors) {
      if (selector.contains(flow)) return &tunnel.facts;
    }
  }
  return nullptr;
}

namespace {

/// A packet goes round no longer than this: tunnels may lead back.
constexpr std::size_t kMostHops = 16;

policy::Action action_for(const engine::Engine& engine, const base::Flow& flow, std::optional<policy::Match>& match) {
  match = engine.policy().first_match(flow);
  return match ? engine.policy().rule(match->rule).action : policy::Action::kBypass;
}

}  // namespace

// Each gateway on the path does what the guard does: first match, outbound then inbound.
Delivery World::send(const base::Flow& flow, const base::Bytes& packet) {
  bool encrypted = false;
  bool protects = false;
  std::size_t hops = 0;
  for (Gateway* gateway = next_on_path(nullptr, flow.source, flow.destination); gateway != nullptr;
       gateway = next_on_path(gateway, flow.source, flow.destination)) {
    if (++hops > kMostHops) return Delivery::kDropped;
    if (gateway->engine->settings().observes) {
      handle(*gateway, engine::FlowCaught{flow});
      continue;
    }
    std::optional<policy::Match> match;
    const policy::Action outbound = action_for(*gateway->engine, flow, match);
    if (outbound == policy::Action::kBlock) return Delivery::kDropped;
    if (outbound == policy::Action::kProtect) {
      if (const engine::TunnelUp* tunnel = tunnel_for(*gateway, flow)) {
        encrypted = true;
        gateway = owner_of(tunnel->peer);
        if (gateway == nullptr || !gateway->engine->tunnels().all().contains(tunnel->id)) return Delivery::kBlackholed;
        continue;
      }
      handle(*gateway, engine::FlowCaught{flow, packet});
      const engine::Opening opening{match->rule, flow.destination};
      if (std::ranges::find(gateway->openings, opening) == gateway->openings.end()) return Delivery::kDropped;
      protects = true;
      continue;
    }
    const policy::Action inbound = action_for(*gateway->engine, flow.mirrored(), match);
    if (inbound != policy::Action::kBypass) return Delivery::kDropped;
  }
  if (!encrypted && protects) ++leaks_;
  return encrypted ? Delivery::kEncrypted : Delivery::kClear;
}

}  // namespace sim
