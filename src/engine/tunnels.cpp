#include "engine/tunnels.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/limits.hpp"
#include "engine/sample.hpp"
#include "policy/sound.hpp"

namespace engine {

namespace {

std::string text(const std::vector<base::Selector>& selectors) {
  std::string all;
  for (const base::Selector& selector : selectors) all += (all.empty() ? "" : ", ") + selector.text();
  return all;
}

bool carries(const Tunnel& tunnel, const base::Flow& flow) {
  return std::ranges::any_of(tunnel.facts.selectors, [&flow](const auto& one) { return one.contains(flow); });
}

}  // namespace

const Tunnel* Tunnels::find(TunnelId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

bool Tunnels::cover(const base::Flow& flow) const {
  return std::ranges::any_of(by_id_, [&flow](const auto& one) { return carries(one.second, flow); });
}

const Tunnel* Tunnels::with(const base::Address& peer, const base::Flow& flow) const {
  const auto theirs = by_peer_.find(peer);
  if (theirs == by_peer_.end()) return nullptr;
  for (const TunnelId id : theirs->second) {
    if (const Tunnel* tunnel = find(id); carries(*tunnel, flow)) return tunnel;
  }
  return nullptr;
}

void Tunnels::made_for(TunnelId id, const base::Flow& flow) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || !found->second.is_sample || !carries(found->second, flow)) return;
  found->second.flow = flow;
  found->second.is_sample = false;
}

void Tunnels::enter(const Tunnel& tunnel) {
  by_peer_[tunnel.facts.peer].push_back(tunnel.facts.id);
}

void Tunnels::leave(const Tunnel& tunnel) {
  const auto theirs = by_peer_.find(tunnel.facts.peer);
  std::erase(theirs->second, tunnel.facts.id);
  if (theirs->second.empty()) by_peer_.erase(theirs);
}

bool Tunnels::on_caught(const base::Flow& flow, base::Instant now) {
  bool covered = false;
  for (auto& [id, tunnel] : by_id_) {
    if (!carries(tunnel, flow)) continue;
    covered = true;
    // What was caught while it came up, or long ago, says nothing.
    const bool again = tunnel.astray && now - *tunnel.astray >= kAstrayApart && now - *tunnel.astray < kAstrayForgotten;
    if (!tunnel.astray || again || now - *tunnel.astray >= kAstrayForgotten) tunnel.astray = now;
    if (!again || now - tunnel.since < kAstrayApart) continue;
    context_.counters.add(Counter::kTunnelsAstray);
    context_.act(TakeDown{id});
    context_.report(ReportId::kTunnelAstray,
                    "the tunnel to " + tunnel.facts.peer.text() + " with " + text(tunnel.facts.selectors) +
                        " does not carry what it covers, and is taken down for a new one",
                    tunnel.rule_name, flow, tunnel.facts.peer);
  }
  return covered;
}

std::optional<policy::RuleIndex> Tunnels::rule_of(const TunnelUp& up) const {
  std::optional<policy::RuleIndex> rule;
  for (const base::Selector& selector : up.selectors) {
    const auto one = policy::sound(*context_.policy, selector);
    if (!one || (rule && *rule != *one)) return std::nullopt;
    rule = one;
  }
  return rule;
}

bool Tunnels::on_up(const TunnelUp& up, base::Instant now) {
  if (by_id_.contains(up.id)) return true;
  const auto rule = rule_of(up);
  if (!rule) {
    refuse(up, Counter::kTunnelsRefused, "policy does not protect all that it carries");
    return false;
  }
  if (by_id_.size() >= kMaxTunnels) {
    refuse(up, Counter::kTunnelsNoRoom, "the table of tunnels is full");
    return false;
  }
  const std::string& name = context_.policy->rule(*rule).name;
  const base::Flow* asked = asked_.last(up.peer, *rule, now);
  Tunnel young{.facts = up, .rule = *rule, .rule_name = name, .since = now, .flow = sample_of(up.selectors.front())};
  if (asked != nullptr && !up.cookie && carries(young, *asked)) {
    young.flow = *asked;
    young.is_sample = false;
  }
  replace_older(young);
  enter(young);
  by_id_[up.id] = std::move(young);
  context_.counters.add(Counter::kTunnelsUp);
  announce_cover();
  context_.report(ReportId::kTunnelUp, "a tunnel to " + up.peer.text() + " carries " + text(up.selectors), name, {},
                  up.peer);
  return true;
}

// Two that crossed are of the same age, and both are good. One that carries the flow that the peer has asked for is
// useless too: it has not asked for what a tunnel of its own carries.
void Tunnels::replace_older(const Tunnel& young) {
  const auto theirs = by_peer_.find(young.facts.peer);
  if (theirs == by_peer_.end()) return;
  for (const TunnelId id : theirs->second) {
    const Tunnel& older = *find(id);
    if (young.since - older.since < kSettled || older.facts.gateway != young.facts.gateway) continue;
    const bool same = std::ranges::is_permutation(older.facts.selectors, young.facts.selectors);
    if (!same && (young.is_sample || !carries(older, young.flow))) continue;
    context_.counters.add(Counter::kTunnelsReplaced);
    context_.act(TakeDown{id});
    context_.report(ReportId::kTunnelReplaced,
                    older.facts.peer.text() + " made a new tunnel in place of the one with " +
                        text(older.facts.selectors) + ", which is taken down: it has lost it",
                    older.rule_name, {}, older.facts.peer);
  }
}

void Tunnels::refuse(const TunnelUp& up, Counter counter, const std::string& why) {
  context_.counters.add(counter);
  context_.act(TakeDown{up.id});
  context_.report(ReportId::kTunnelRefused,
                  "a tunnel to " + up.peer.text() + " with " + text(up.selectors) + " is taken down: " + why, {}, {},
                  up.peer);
}

void Tunnels::on_down(TunnelId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  const Tunnel gone = std::move(found->second);
  leave(gone);
  by_id_.erase(found);
  context_.counters.add(Counter::kTunnelsDown);
  announce_cover();
  context_.report(ReportId::kTunnelDown,
                  "the tunnel to " + gone.facts.peer.text() + " with " + text(gone.facts.selectors) + " is gone",
                  gone.rule_name, {}, gone.facts.peer);
}

void Tunnels::on_rekeyed(TunnelId before, TunnelUp up, base::Instant now) {
  auto node = by_id_.extract(before);
  if (node.empty()) {
    on_up(up, now);
    return;
  }
  Tunnel& tunnel = node.mapped();
  leave(tunnel);
  const bool differs = tunnel.facts.selectors != up.selectors;
  tunnel.facts = std::move(up);
  const auto rule = differs ? rule_of(tunnel.facts) : std::optional(tunnel.rule);
  if (rule) {
    belong(tunnel, *rule);
    if (differs && !carries(tunnel, tunnel.flow)) {
      tunnel.flow = sample_of(tunnel.facts.selectors.front());
      tunnel.is_sample = true;
    }
    if (by_id_.contains(tunnel.facts.id)) on_down(tunnel.facts.id);  // listed before it was told as rekeyed
    enter(tunnel);
    node.key() = tunnel.facts.id;
    by_id_.insert(std::move(node));
  } else {
    refuse(tunnel.facts, Counter::kTunnelsRefused, "rekeyed, it carries what policy does not protect");
  }
  announce_cover();
}

void Tunnels::belong(Tunnel& tunnel, policy::RuleIndex rule) const {
  tunnel.rule = rule;
  tunnel.rule_name = context_.policy->rule(rule).name;
}

void Tunnels::take_down(const base::Address& peer) {
  const auto theirs = by_peer_.find(peer);
  if (theirs == by_peer_.end()) return;
  for (const TunnelId id : theirs->second) context_.act(TakeDown{id});
}

void Tunnels::on_policy() {
  std::vector<TunnelId> unsound;
  for (auto& [id, tunnel] : by_id_) {
    const auto rule = rule_of(tunnel.facts);
    if (!rule) {
      unsound.push_back(id);
      continue;
    }
    belong(tunnel, *rule);
  }
  for (const TunnelId id : unsound) {
    refuse(by_id_[id].facts, Counter::kTunnelsRefused, "the new policy does not protect all that it carries");
    leave(by_id_[id]);
    by_id_.erase(id);
  }
  announce_cover();
}

void Tunnels::announce_cover() {
  CoverTunnels cover;
  for (const auto& [id, tunnel] : by_id_) {
    cover.selectors.insert(cover.selectors.end(), tunnel.facts.selectors.begin(), tunnel.facts.selectors.end());
  }
  context_.act(std::move(cover));
}

}  // namespace engine
