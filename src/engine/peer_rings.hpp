// The tunnels with each peer, the oldest first.
#pragma once

#include <cstdint>
#include <functional>

#include "base/address.hpp"
#include "base/flat_index.hpp"
#include "engine/tunnel.hpp"

namespace engine {

/// Tunnels with the same peer are a ring, which begins with the oldest: no memory beside them, and one comes or goes
/// without a look at the others.
class PeerRings {
 public:
  /// The youngest now. The tunnel stays where it is, and its peer the same, until it leaves.
  void enter(Tunnel& tunnel);
  void leave(Tunnel& tunnel);

  /// The first with that peer of which `is(const Tunnel&)` is true, the oldest first; null when there is none.
  template <class Is>
  [[nodiscard]] Tunnel* find(const base::Address& peer, Is is) const {
    Tunnel* const oldest = oldest_with(peer);
    for (Tunnel* one = oldest; one != nullptr;) {
      if (is(*one)) return one;
      one = one->next_with_peer;
      if (one == oldest) break;
    }
    return nullptr;
  }
  /// Ask for the memory that a look-up reads, the second for what the first has led to (base/fetch.hpp).
  void fetch(const base::Address& peer) const { oldest_.fetch(hash_of(peer)); }
  void fetch_oldest(const base::Address& peer) const {
    oldest_.visit(hash_of(peer), [](const Tunnel* one) {
      base::fetch(*one);
      return true;
    });
  }
  /// `visit(const Tunnel&)` for each with that peer, the oldest first.
  template <class Visit>
  void for_each(const base::Address& peer, Visit visit) const {
    static_cast<void>(find(peer, [&visit](const Tunnel& one) {
      visit(one);
      return false;
    }));
  }

 private:
  static std::uint64_t hash_of(const base::Address& peer) { return std::hash<base::Address>{}(peer); }
  /// Null when there is none.
  [[nodiscard]] Tunnel* oldest_with(const base::Address& peer) const;

  base::FlatIndex<Tunnel*> oldest_;
};

}  // namespace engine
