#include "daemon/answers.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_map>

#include "base/hex.hpp"
#include "daemon/loop.hpp"

namespace tedd {

namespace {

std::int64_t milliseconds(base::Duration span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

std::string_view text(policy::Disclose disclose) {
  switch (disclose) {
    case policy::Disclose::kAll: return "all";
    case policy::Disclose::kFlow: return "flow";
    case policy::Disclose::kNothing: return "nothing";
  }
  return "";
}

std::string_view text(policy::Action action) {
  switch (action) {
    case policy::Action::kProtect: return "protect";
    case policy::Action::kBypass: return "bypass";
    case policy::Action::kBlock: return "block";
  }
  return "";
}

}  // namespace

control::Timestamp wall_clock(base::Instant when) {
  const auto ago = Loop::now() - when;
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now() - ago);
}

control::Tunnel tunnel_of(const engine::Tunnel& tunnel) {
  control::Tunnel entry{.peer = tunnel.facts.peer,
                        .rule = tunnel.rule_name,
                        .state = "up",
                        .selectors = tunnel.facts.selectors,
                        .since = wall_clock(tunnel.since),
                        .cookie = {},
                        .initiator = tunnel.facts.cookie.has_value()};
  if (tunnel.facts.cookie) entry.cookie = base::to_hex(*tunnel.facts.cookie);
  if (tunnel.form) entry.form = *tunnel.form == engine::Form::kDraft ? "draft" : "v3";
  entry.renewed = wall_clock(tunnel.renewed);
  entry.id = static_cast<std::int64_t>(tunnel.first);
  if (tunnel.facts.authorisation) entry.identity = tunnel.facts.authorisation->identity;
  return entry;
}

std::vector<control::Tunnel> tunnels_of(const engine::Engine& engine) {
  std::vector<control::Tunnel> list;
  for (const auto& [id, tunnel] : engine.tunnels().all()) list.push_back(tunnel_of(tunnel));
  return list;
}

std::vector<base::Selector> covered_by(const engine::Tunnels& tunnels) {
  std::vector<base::Selector> all;
  for (const auto& [id, tunnel] : tunnels.all()) {
    all.insert(all.end(), tunnel.facts.selectors.begin(), tunnel.facts.selectors.end());
  }
  return all;
}

bool in_the_clear(std::span<const engine::Opening> openings, policy::RuleIndex rule, const base::Address& destination) {
  return std::ranges::find(openings, engine::Opening{rule, destination}) != openings.end();
}

control::Pending pending_of(const engine::Engine& engine, const engine::Discovery& discovery, base::Instant now,
                            std::span<const engine::Opening> openings) {
  control::Pending entry{.rule = {},
                         .destination = discovery.flow.destination,
                         .flow = discovery.flow,
                         .state = std::string(name(discovery.state)),
                         .attempts = discovery.attempts,
                         .next_ms = milliseconds(std::max(base::Duration{}, discovery.deadline - now)),
                         .cookie = base::to_hex(discovery.cookie),
                         .reason = {},
                         .open = {}};
  if (!discovery.trace) entry.rule = engine.policy().rule(discovery.rule).name;
  if (!discovery.trace && in_the_clear(openings, discovery.rule, discovery.flow.destination)) entry.open = true;
  if (!discovery.reason.empty()) entry.reason = discovery.reason;
  return entry;
}

std::vector<control::Pending> pending_of(const engine::Engine& engine, base::Instant now,
                                         std::span<const engine::Opening> openings) {
  std::vector<control::Pending> list;
  for (const auto& [id, discovery] : engine.discoveries().all()) {
    list.push_back(pending_of(engine, discovery, now, openings));
  }
  return list;
}

std::vector<control::Peer> peers_of(const engine::Engine& engine, const CertificateEnds& ends, base::Instant now) {
  std::vector<control::Peer> list;
  // Counted once: tables of ten thousand peers and tunnels must not hold up what tedd is there for.
  std::unordered_map<base::Address, std::int64_t> tunnels;
  for (const auto& [id, tunnel] : engine.tunnels().all()) ++tunnels[tunnel.facts.peer];
  for (const auto& [address, peer] : engine.peers().all()) {
    control::Peer entry{
        .address = address, .tunnels = 0, .last_seen_ms = milliseconds(now - peer.last_seen), .rtt_us = {}, .form = {}};
    if (!peer.identity.empty()) entry.identity = peer.identity;
    if (const auto end = ends.find(peer.identity); end != ends.end()) entry.certificate_until = end->second;
    if (peer.round_trip) {
      entry.rtt_us = std::chrono::duration_cast<std::chrono::microseconds>(*peer.round_trip).count();
      entry.form = peer.is_draft ? "draft" : "v3";
    }
    if (!peer.proof.empty()) entry.proof = peer.proof;
    if (const auto count = tunnels.find(address); count != tunnels.end()) entry.tunnels = count->second;
    list.push_back(std::move(entry));
  }
  std::ranges::sort(list, {}, &control::Peer::address);
  return list;
}

std::vector<control::Observation> observations_of(const engine::Engine& engine) {
  std::vector<control::Observation> list;
  for (const engine::Observation& one : engine.observations().all()) {
    control::Observation entry{.rule = engine.policy().rule(one.rule).name,
                               .finding = std::string(name(one.finding)),
                               .peer = one.peer,
                               .peer_observes = {},
                               .selectors = {},
                               .flow = one.flow,
                               .reason = {},
                               .flows = static_cast<std::int64_t>(one.flows),
                               .first = wall_clock(one.first),
                               .last = wall_clock(one.last),
                               .asked = wall_clock(one.asked)};
    if (one.agreed) entry.selectors = one.agreed->boxes();
    if (one.agreed) entry.peer_observes = one.peer_observes;
    if (!one.reason.empty()) entry.reason = one.reason;
    list.push_back(std::move(entry));
  }
  return list;
}

control::Counters counters_of(const engine::Engine& engine) {
  control::Counters list;
  for (std::size_t i = 0; i < engine::kCounterCount; ++i) {
    const auto counter = static_cast<engine::Counter>(i);
    list.values.emplace_back(name(counter), engine.counters().value(counter));
  }
  return list;
}

std::vector<control::RuleInfo> rules_of(const config::Config& config, const policy::Snapshot& policy,
                                        const config::NetworksByName& networks) {
  std::vector<control::RuleInfo> list;
  for (const policy::Rule& rule : policy.rules()) {
    control::RuleInfo entry{.name = rule.name,
                            .action = std::string(text(rule.action)),
                            .lines = {},
                            .discover = rule.discover,
                            .respond = rule.respond,
                            .on_failure = rule.on_failure == policy::OnFailure::kBypass ? "bypass" : "block",
                            .first_packet = rule.first_packet == policy::FirstPacket::kHold ? "hold" : "drop",
                            .hits = {},
                            .draft = rule.draft,
                            .authenticated = rule.authenticated,
                            .disclose = std::string(text(rule.disclose))};
    if (!rule.askers.empty()) {
      entry.askers.emplace();
      for (const base::Prefix& prefix : rule.askers) entry.askers->push_back(prefix.text());
    }
    for (const auto& local : rule.local) {
      for (const auto& remote : rule.remote) {
        if (local.family() != remote.family()) continue;
        entry.lines.push_back({rule.protocol, local, remote, rule.local_port, rule.remote_port});
      }
    }
    list.push_back(std::move(entry));
  }
  for (const config::InterfaceUse& use : config.interface_uses) {
    control::RuleInfo& entry = list[use.rule];
    auto& side = use.side == config::Side::kLocal ? entry.local_interfaces : entry.remote_interfaces;
    auto& prefixes = side.emplace_back(use.name, std::vector<std::string>{}).second;
    for (const auto& prefix : config::networks_of(config, use, networks)) prefixes.push_back(prefix.text());
  }
  return list;
}

std::vector<std::string> texts(const std::vector<config::ConfigError>& errors) {
  std::vector<std::string> list;
  list.reserve(errors.size());
  for (const config::ConfigError& error : errors) list.push_back(error.text());
  return list;
}

control::Event event_of(const engine::Report& report) {
  control::Event event{
      .id = std::string(name(report.id)), .time = wall_clock(Loop::now()), .text = report.text, .fields = {}};
  if (!report.rule.empty()) event.fields.emplace_back("rule", report.rule);
  if (report.flow) event.fields.emplace_back("flow", report.flow->text());
  if (report.peer) event.fields.emplace_back("peer", report.peer->text());
  return event;
}

}  // namespace tedd
