#include "engine/tunnels.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/limits.hpp"
#include "engine/sample.hpp"
#include "engine/selectors_text.hpp"
#include "engine/userspace.hpp"
#include "policy/outside.hpp"
#include "policy/sound.hpp"

namespace engine {

// Mostly it is about the one that came up last.
const Tunnel* Tunnels::find(TunnelId id) const {
  if (!by_id_.empty() && by_id_.rbegin()->first == id) return &by_id_.rbegin()->second;
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

Tunnel* Tunnels::find(TunnelId id) {
  if (!by_id_.empty() && by_id_.rbegin()->first == id) return &by_id_.rbegin()->second;
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

const Tunnel* Tunnels::carrier(const base::Flow& flow) const {
  const Tunnel* found = nullptr;
  carriers_.visit(flow, [&](const Tunnel& tunnel) {
    if (carries(tunnel, flow)) found = &tunnel;
    return found == nullptr;
  });
  return found;
}

namespace {

auto with_flow(const base::Flow& flow, std::optional<Asker> asker) {
  return [&flow, asker](const Tunnel& one) { return (!asker || one.asker() == *asker) && carries(one, flow); };
}

}  // namespace

const Tunnel* Tunnels::with(const base::Address& peer, const base::Flow& flow, std::optional<Asker> asker) const {
  return with_peer_.find(peer, with_flow(flow, asker));
}

Tunnel* Tunnels::with(const base::Address& peer, const base::Flow& flow, std::optional<Asker> asker) {
  return with_peer_.find(peer, with_flow(flow, asker));
}

void Tunnels::made_for(TunnelId id, const base::Flow& flow) {
  if (Tunnel* const tunnel = find(id)) made_for(*tunnel, flow);
}

void Tunnels::made_for(Tunnel& tunnel, const base::Flow& flow) {
  if (!carries(tunnel, flow)) return;
  tunnel.flow = flow;
  tunnel.is_sample = false;
}

void Tunnels::came_of(TunnelId id, Form form) {
  if (Tunnel* const tunnel = find(id)) tunnel->form = form;
}

void Tunnels::enter(Tunnel& tunnel) {
  with_peer_.enter(tunnel);
  carriers_.enter(tunnel);
}

void Tunnels::leave(Tunnel& tunnel) {
  checks_.take_out(tunnel.check);
  with_peer_.leave(tunnel);
  carriers_.leave(tunnel);
}

void Tunnels::end(TunnelId id, bool dead) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  found->second.is_ending = true;
  context_.act(TakeDown{id, dead});
}

bool Tunnels::on_caught(const base::Flow& flow, base::Instant now) {
  bool covered = false;
  carriers_.visit(flow, [&](Tunnel& tunnel) {
    if (!carries(tunnel, flow)) return true;
    covered = true;
    // What was caught while it came up, or long ago, says nothing.
    const bool again = tunnel.astray && now - *tunnel.astray >= kAstrayApart && now - *tunnel.astray < kAstrayForgotten;
    if (!tunnel.astray || again || now - *tunnel.astray >= kAstrayForgotten) tunnel.astray = now;
    if (!again || now - tunnel.renewed < kAstrayApart) return true;
    context_.counters.add(Counter::kTunnelsAstray);
    end(tunnel.facts.id);
    context_.report(ReportId::kTunnelAstray,
                    "the tunnel to " + tunnel.facts.peer.text() + " with " + text(tunnel.facts.selectors) +
                        " does not carry what it covers, and is taken down for a new one",
                    tunnel.rule_name, flow, tunnel.facts.peer, tunnel.first);
    return true;
  });
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

// Numbers grow as tunnels come: mostly it is behind all others, which is found without a look at them.
std::map<TunnelId, Tunnel>::iterator Tunnels::place_of(TunnelId id) {
  return by_id_.empty() || by_id_.rbegin()->first < id ? by_id_.end() : by_id_.lower_bound(id);
}

std::optional<std::string> Tunnels::why_not_carried(const TunnelUp& up) const {
  if (context_.settings.data_plane != policy::DataPlane::kUserspace) return std::nullopt;
  for (const base::Selector& box : up.selectors) {
    if (auto unseen = unseen_ports(box, "here")) return unseen;
    if (auto own = own_end(box, up.gateway, up.peer, "here")) return own;
  }
  return std::nullopt;
}

base::Result<void, std::string> Tunnels::on_up(const TunnelUp& up, base::Instant now) {
  const auto place = place_of(up.id);
  if (place != by_id_.end() && place->first == up.id) return {};
  const auto refused = [&](Counter counter, std::string why) {
    refuse(up, up.id, counter, why);
    return std::unexpected(std::move(why));
  };
  const auto rule = rule_of(up);
  if (!rule) return refused(Counter::kTunnelsRefused, "policy does not protect all that it carries");
  if (auto excess = excess_of(up.authorisation, up.selectors)) {
    return refused(Counter::kTunnelsUnauthorised, *std::move(excess));
  }
  if (auto why = why_not_carried(up)) return refused(Counter::kTunnelsRefused, *std::move(why));
  if (by_id_.size() >= kMaxTunnels) return refused(Counter::kTunnelsNoRoom, "the table of tunnels is full");
  const std::string& name = context_.policy->rule(*rule).name;
  const Asked::Ask* asked = asked_.last(up.peer, *rule, now);
  Tunnel& young = by_id_.try_emplace(place, up.id)->second;
  young = {.renewed = now,
           .rule = *rule,
           .flow = sample_of(up.selectors.front()),
           .facts = up,
           .first = up.id,
           .rule_name = name,
           .since = now};
  if (asked != nullptr && !up.cookie) {
    made_for(young, asked->flow);
    young.form = asked->form;
  }
  enter(young);
  replace_older(young);
  context_.counters.add(Counter::kTunnelsUp);
  context_.act(CoverChanged{});
  const std::string who = up.authorisation ? " ('" + up.authorisation->identity + "')" : "";
  context_.report(ReportId::kTunnelUp, "a tunnel to " + up.peer.text() + who + " carries " + text(up.selectors), name,
                  {}, up.peer, up.id);
  return {};
}

void Tunnels::refuse(const TunnelUp& up, TunnelId first, Counter counter, const std::string& why) {
  context_.counters.add(counter);
  const bool claims = counter == Counter::kTunnelsUnauthorised;
  // Whoever may speak for nothing would only ask for the next CHILD_SA in the same IKE_SA.
  context_.act(TakeDown{up.id, claims && up.authorisation->allowed.empty()});
  context_.report(claims ? ReportId::kTunnelUnauthorised : ReportId::kTunnelRefused,
                  "a tunnel to " + up.peer.text() + " with " + text(up.selectors) + " is taken down: " + why, {}, {},
                  up.peer, first);
}

void Tunnels::on_down(TunnelId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  leave(found->second);
  const Tunnel gone = std::move(found->second);
  by_id_.erase(found);
  context_.counters.add(Counter::kTunnelsDown);
  context_.act(CoverChanged{});
  context_.report(ReportId::kTunnelDown,
                  "the tunnel to " + gone.facts.peer.text() + " with " + text(gone.facts.selectors) + " is gone",
                  gone.rule_name, {}, gone.facts.peer, gone.first);
}

void Tunnels::on_rekeyed(TunnelId before, TunnelUp up, base::Instant now) {
  const auto found = by_id_.find(before);
  leave(found->second);
  auto node = by_id_.extract(found);
  Tunnel& tunnel = node.mapped();
  const bool differs = tunnel.facts.selectors != up.selectors;
  tunnel.facts = std::move(up);
  tunnel.renewed = now;
  tunnel.is_ending = false;
  const auto rule = differs ? rule_of(tunnel.facts) : std::optional(tunnel.rule);
  const auto excess = excess_of(tunnel.facts.authorisation, tunnel.facts.selectors);
  const auto uncarried = differs ? why_not_carried(tunnel.facts) : std::nullopt;
  if (excess) {
    refuse(tunnel.facts, tunnel.first, Counter::kTunnelsUnauthorised, *excess);
  } else if (uncarried) {
    refuse(tunnel.facts, tunnel.first, Counter::kTunnelsRefused, "rekeyed, " + *uncarried);
  } else if (rule) {
    belong(tunnel, *rule);
    if (differs && !any_carries(tunnel.facts.selectors, tunnel.flow)) {
      tunnel.flow = sample_of(tunnel.facts.selectors.front());
      tunnel.is_sample = true;
    }
    if (by_id_.contains(tunnel.facts.id)) on_down(tunnel.facts.id);  // listed before it was told as rekeyed
    node.key() = tunnel.facts.id;
    enter(by_id_.insert(std::move(node)).position->second);
    context_.report(
        ReportId::kTunnelRekeyed,
        "the tunnel to " + tunnel.facts.peer.text() + " with " + text(tunnel.facts.selectors) + " has new keys",
        tunnel.rule_name, {}, tunnel.facts.peer, tunnel.first);
  } else {
    refuse(tunnel.facts, tunnel.first, Counter::kTunnelsRefused, "rekeyed, it carries what policy does not protect");
  }
  context_.act(CoverChanged{});
}

void Tunnels::belong(Tunnel& tunnel, policy::RuleIndex rule) const {
  tunnel.rule = rule;
  tunnel.rule_name = context_.policy->rule(rule).name;
}

void Tunnels::take_down(const base::Address& peer) {
  with_peer_.for_each(peer, [this](const Tunnel& tunnel) { end(tunnel.facts.id); });
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
    const Tunnel& tunnel = by_id_[id];
    refuse(tunnel.facts, tunnel.first, Counter::kTunnelsRefused, "the new policy does not protect all that it carries");
    forget(id);
  }
  context_.act(CoverChanged{});
}

void Tunnels::on_authorised(TunnelId id, Authorisation authorisation) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  TunnelUp& facts = found->second.facts;
  facts.authorisation = std::move(authorisation);
  const auto excess = excess_of(facts.authorisation, facts.selectors);
  if (!excess) return;
  refuse(facts, found->second.first, Counter::kTunnelsUnauthorised, *excess);
  forget(id);
  context_.act(CoverChanged{});
}

void Tunnels::forget(TunnelId id) {
  leave(by_id_[id]);
  by_id_.erase(id);
}

}  // namespace engine
