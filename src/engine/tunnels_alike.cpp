// Of several tunnels with one peer, what each is for that the others are not.
#include <algorithm>
#include <vector>

#include "engine/limits.hpp"
#include "engine/sample.hpp"
#include "engine/selectors_text.hpp"
#include "engine/tunnels.hpp"
#include "policy/outside.hpp"

namespace engine {

namespace {

using Lists = std::vector<base::SelectorList>;

Lists lists_of(const Tunnel& tunnel) {
  return base::lists_of(tunnel.facts.selectors);
}

bool share_flows(const Lists& some, const Lists& others) {
  return std::ranges::any_of(some, [&others](const base::SelectorList& one) {
    return std::ranges::any_of(others, [&one](const auto& other) { return policy::meet(one, other); });
  });
}

bool holds_all(const Lists& some, const Lists& others) {
  return policy::outside(others, some).coverage == policy::Coverage::kWhole;
}

}  // namespace

std::optional<base::Flow> Tunnels::own_flow(const Tunnel& tunnel) const {
  if (tunnel.next_with_peer == &tunnel) return tunnel.flow;
  const auto is_other = [&](const Tunnel& other) { return &other != &tunnel && !other.is_ending; };
  const auto shares = [&](const Tunnel& other) { return is_other(other) && carries(other, tunnel.flow); };
  if (with_peer_.find(tunnel.facts.peer, shares) == nullptr) return tunnel.flow;
  Lists others;
  with_peer_.for_each(tunnel.facts.peer, [&](const Tunnel& other) {
    if (!is_other(other)) return;
    const Lists its = lists_of(other);
    others.insert(others.end(), its.begin(), its.end());
  });
  const policy::Outside own = policy::outside(lists_of(tunnel), others);
  if (own.part) return sample_of(*own.part);
  return own.coverage == policy::Coverage::kWhole ? std::nullopt : std::optional(tunnel.flow);
}

// A peer asks for what no tunnel of its own carries, and makes the largest that there can be: one that holds all of an
// older one, or is all in it, is there because the peer has lost that. This is told by the tunnels alone, which IKE has
// authenticated; probes that came before them anybody can have sent. Two that crossed are of the same age, and both
// good; so are two that came of a rekeying from both ends, of which charon ends one.
void Tunnels::replace_older(const Tunnel& young) {
  const Lists its = lists_of(young);
  for (const Tunnel* one = young.next_with_peer; one != &young; one = one->next_with_peer) {
    const Tunnel& older = *one;
    if (young.since - older.renewed < kSettled || older.facts.gateway != young.facts.gateway) continue;
    const Lists older_lists = lists_of(older);
    if (!share_flows(its, older_lists) || !(holds_all(its, older_lists) || holds_all(older_lists, its))) continue;
    context_.counters.add(Counter::kTunnelsReplaced);
    end(older.facts.id);
    context_.report(ReportId::kTunnelReplaced,
                    older.facts.peer.text() + " made a new tunnel in place of the one with " +
                        text(older.facts.selectors) + ", which is taken down: it has lost it",
                    older.rule_name, {}, older.facts.peer, older.first);
  }
}

}  // namespace engine
