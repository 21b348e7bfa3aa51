#include "engine/peer_rings.hpp"

#include <utility>

namespace engine {

Tunnel* PeerRings::oldest_with(const base::Address& peer) const {
  Tunnel* const* found = oldest_.find(hash_of(peer), [&](const Tunnel* one) { return one->facts.peer == peer; });
  return found == nullptr ? nullptr : *found;
}

void PeerRings::enter(Tunnel& tunnel) {
  Tunnel* const oldest = oldest_with(tunnel.facts.peer);
  if (oldest == nullptr) {
    tunnel.next_with_peer = &tunnel;
    tunnel.previous_with_peer = &tunnel;
    return oldest_.insert(hash_of(tunnel.facts.peer), &tunnel);
  }
  tunnel.next_with_peer = oldest;
  tunnel.previous_with_peer = std::exchange(oldest->previous_with_peer, &tunnel);
  tunnel.previous_with_peer->next_with_peer = &tunnel;
}

void PeerRings::leave(Tunnel& tunnel) {
  Tunnel* const next = tunnel.next_with_peer;
  tunnel.previous_with_peer->next_with_peer = next;
  next->previous_with_peer = tunnel.previous_with_peer;
  const std::uint64_t hash = hash_of(tunnel.facts.peer);
  const bool was_oldest = oldest_.erase(hash, [&tunnel](const Tunnel* one) { return one == &tunnel; });
  if (was_oldest && next != &tunnel) oldest_.insert(hash, next);
}

}  // namespace engine
