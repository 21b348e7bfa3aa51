#include "sim/tunnel_table.hpp"

#include <algorithm>
#include <utility>

namespace sim {

namespace {

// Ids name their place, so that a look-up needs no map.
constexpr unsigned kPlaceBits = 24;

engine::TunnelId id_of(std::uint64_t serial, std::uint32_t place) {
  return engine::TunnelId{serial << kPlaceBits | place};
}

// Every bit in which all selectors agree.
Likeness likeness(const Tunnel& tunnel, End end) {
  const auto remote = [end](const base::Selector& selector) { return end == 0 ? selector.remote : selector.local; };
  const base::MaskedAddress first = remote(tunnel.selectors.front());
  base::Uint128 mask = first.mask();
  for (const base::Selector& selector : tunnel.selectors) {
    mask &= remote(selector).mask() & ~(remote(selector).address().value() ^ first.address().value());
  }
  return {static_cast<std::uint32_t>(first.address().value() & mask), static_cast<std::uint32_t>(mask)};
}

}  // namespace

bool Tunnel::contains(End end, const base::Flow& flow) const {
  const base::Flow seen = end == 0 ? flow : flow.mirrored();
  return std::ranges::any_of(selectors, [&seen](const auto& selector) { return selector.contains(seen); });
}

std::uint32_t TunnelTable::add(GatewayIndex asked, GatewayIndex peer, std::vector<base::Selector> selectors,
                               const wire::Cookie& cookie, base::Instant now) {
  if (free_.empty()) {
    free_.push_back(size());
    tunnels_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  Tunnel& tunnel = tunnels_[place];
  tunnel = Tunnel{.generation = tunnel.generation + 1,
                  .id = id_of(++serial_, place),
                  .gateways = {asked, peer},
                  .selectors = std::move(selectors),
                  .cookie = cookie,
                  .since = now};
  return place;
}

void TunnelTable::raise(TunnelEnd which, base::Instant now) {
  Tunnel& tunnel = tunnels_[which.tunnel];
  tunnel.up[which.end] = true;
  note_half(which.tunnel);
  tunnel.half_since = now;
  if (tunnel.stands()) {
    tunnel.whole = true;
    ++standing_;
  }
  Ends& ends = of_gateway_[tunnel.gateways[which.end]];
  const Likeness remote = likeness(tunnel, which.end);
  ends.all.push_back({which, remote});
  const Raised raised{which, turns_++};
  if (is_to_one_site(remote)) {
    ends.to_site.insert(hash_of(remote.bits), raised);
  } else {
    ends.to_several.push_back(raised);
  }
}

void TunnelTable::lower(TunnelEnd which, base::Instant now) {
  Tunnel& tunnel = tunnels_[which.tunnel];
  if (tunnel.stands()) --standing_;
  tunnel.up[which.end] = false;
  note_half(which.tunnel);
  tunnel.half_since = now;
  Ends& ends = of_gateway_[tunnel.gateways[which.end]];
  const auto held = std::ranges::find(ends.all, which, &Held::which);
  if (is_to_one_site(held->remote)) {
    ends.to_site.erase(hash_of(held->remote.bits), [&which](const Raised& one) { return one.which == which; });
  } else {
    ends.to_several.erase(std::ranges::find(ends.to_several, which, &Raised::which));
  }
  ends.all.erase(held);
}

void TunnelTable::note_half(std::uint32_t tunnel) {
  const Tunnel& one = tunnels_[tunnel];
  if (one.up[0] != one.up[1]) {
    halves_.insert(tunnel);
  } else {
    halves_.erase(tunnel);
  }
}

void TunnelTable::renew(std::uint32_t tunnel) {
  tunnels_[tunnel].id = id_of(++serial_, tunnel);
}

void TunnelTable::release(std::uint32_t tunnel) {
  ++tunnels_[tunnel].generation;
  tunnels_[tunnel].selectors = {};
  free_.push_back(tunnel);
}

std::optional<TunnelEnd> TunnelTable::find(GatewayIndex gateway, engine::TunnelId id) const {
  const auto place = static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) & ((1U << kPlaceBits) - 1));
  if (place >= size() || tunnels_[place].id != id) return std::nullopt;
  for (End end = 0; end < 2; ++end) {
    if (tunnels_[place].gateways[end] == gateway && tunnels_[place].up[end]) return TunnelEnd{place, end};
  }
  return std::nullopt;
}

std::optional<TunnelEnd> TunnelTable::carrier(GatewayIndex gateway, const base::Flow& flow) const {
  std::optional<Raised> youngest;
  const auto look = [&](const Raised& one) {
    const bool is_younger = !youngest || one.turn > youngest->turn;
    if (is_younger && tunnels_[one.which.tunnel].contains(one.which.end, flow)) youngest = one;
    return true;
  };
  const Ends& ends = of_gateway_[gateway];
  ends.to_site.visit(hash_of(flow.destination), look);
  for (const Raised& one : ends.to_several) look(one);
  return youngest ? std::optional(youngest->which) : std::nullopt;
}

void TunnelTable::fetch_tunnel(GatewayIndex gateway, const base::Address& destination) const {
  of_gateway_[gateway].to_site.visit(hash_of(destination), [this](const Raised& one) {
    base::fetch(tunnels_[one.which.tunnel]);
    return true;
  });
}

void TunnelTable::fetch_selectors(GatewayIndex gateway, const base::Address& destination) const {
  of_gateway_[gateway].to_site.visit(hash_of(destination), [this](const Raised& one) {
    base::fetch(tunnels_[one.which.tunnel].selectors.data(), sizeof(base::Selector));
    return true;
  });
}

engine::TunnelUp TunnelTable::facts(TunnelEnd which, const Topology& topology) const {
  const Tunnel& tunnel = tunnels_[which.tunnel];
  engine::TunnelUp up{.id = tunnel.id,
                      .peer = topology.address(tunnel.gateways[1 - which.end]),
                      .gateway = topology.address(tunnel.gateways[which.end]),
                      .selectors = tunnel.selectors,
                      .cookie = {}};
  if (which.end == 0) {
    up.cookie = tunnel.cookie;
  } else {
    for (base::Selector& selector : up.selectors) selector = selector.mirrored();
  }
  return up;
}

}  // namespace sim
