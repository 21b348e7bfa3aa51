// Gateways that answered us, asked us, or hold a tunnel with us.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/address.hpp"
#include "base/time.hpp"
#include "engine/authenticator.hpp"
#include "engine/limits.hpp"

namespace engine {

struct Peer {
  base::Instant first_seen{};
  base::Instant last_seen{};
  std::uint64_t responses = 0;  ///< accepted from it
  std::uint64_t tunnels_up = 0;
  std::uint64_t failures = 0;
  std::optional<base::Duration> round_trip{};  ///< of the last probe that it answered
  std::string identity{};                      ///< that IKE authenticated last; empty where peers are not told apart
  bool is_draft = false;                       ///< and that answer was in the draft form
  Means proven{};                              ///< all that its answers ever proved themselves with
  std::string proof{};  ///< how its last message proved who it is; empty: an answer proved nothing
};

class Peers {
 public:
  [[nodiscard]] const std::unordered_map<base::Address, Peer>& all() const { return by_address_; }

  /// The peer, made known if it was not. At kMaxPeers the one silent for longest makes room.
  Peer& seen(const base::Address& address, base::Instant now) {
    auto found = by_address_.find(address);
    if (found == by_address_.end()) {
      if (by_address_.size() >= kMaxPeers) evict();
      found = by_address_.emplace(address, Peer{.first_seen = now}).first;
    }
    found->second.last_seen = now;
    return found->second;
  }
  void forget(const base::Address& address) { by_address_.erase(address); }

 private:
  // Linear, and only for a gateway that was never seen while the table is full: a response was accepted from it.
  void evict() {
    auto oldest = by_address_.begin();
    for (auto it = by_address_.begin(); it != by_address_.end(); ++it) {
      if (it->second.last_seen < oldest->second.last_seen) oldest = it;
    }
    by_address_.erase(oldest);
  }

  std::unordered_map<base::Address, Peer> by_address_;
};

}  // namespace engine
