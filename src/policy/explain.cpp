#include "policy/explain.hpp"

#include <array>
#include <cstddef>

#include "policy/agree.hpp"
#include "policy/product.hpp"

namespace policy {

namespace {

Decision decide(const Snapshot& snapshot, const std::optional<Match>& match) {
  Decision decision;
  if (!match) return decision;
  const Rule& rule = snapshot.rule(match->rule);
  decision.action = rule.action;
  decision.rule = rule.name;
  if (rule.action == Action::kProtect) decision.proxy = match->line;
  return decision;
}

void intersect_lines(Explanation& found) {
  if (!found.mine.proxy || !found.peer->proxy) return;
  if (const auto common = intersect(*found.mine.proxy, *found.peer->proxy)) {
    found.intersection = *common;
  } else {
    found.empty_because = common.error();
  }
}

// The tunnel with the peer, if both ends want one.
std::optional<base::SelectorList> tunnel_with(const Snapshot& peer, const std::optional<Match>& match,
                                              const Snapshot& mine, const base::Flow& flow, DataPlane plane,
                                              const base::OfferRoom& room) {
  if (!match || peer.rule(match->rule).action != Action::kProtect || !peer.rule(match->rule).respond) return {};
  const Offer theirs = offer(peer, *match, flow.mirrored(), room).mirrored();
  const auto agreed = agree(mine, flow, theirs, plane, Candour::kTold, room);
  return agreed ? std::optional(*agreed) : std::nullopt;
}

}  // namespace

std::string_view name(Action action) {
  static constexpr std::array<std::string_view, 3> kNames = {"protect", "bypass", "block"};
  return kNames[static_cast<std::size_t>(action)];
}

Explanation explain(const Snapshot& mine, const Snapshot* peer, const base::Flow& flow, DataPlane plane,
                    const base::OfferRoom& room) {
  Explanation found;
  found.flow = flow;
  const auto match = mine.first_match(flow);
  found.mine = decide(mine, match);
  const bool discovers = found.mine.proxy && mine.rule(match->rule).discover;
  if (peer != nullptr) {
    const auto theirs = peer->first_match(flow.mirrored());
    found.peer = decide(*peer, theirs);
    if (found.peer->proxy) found.peer->proxy = found.peer->proxy->mirrored();
    intersect_lines(found);
    if (discovers) found.tunnel = tunnel_with(*peer, theirs, mine, flow, plane, room);
  } else if (discovers) {
    found.tunnel = largest_product(mine, *match, flow, plane);
  }
  found.contains_flow = found.tunnel && found.tunnel->contains(flow);
  return found;
}

}  // namespace policy
