// Gateways that answered us, asked us, or hold a tunnel with us.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/address_hash.hpp"
#include "base/fetch.hpp"
#include "base/flat_index.hpp"
#include "base/time.hpp"
#include "engine/authenticator.hpp"
#include "engine/counters.hpp"
#include "engine/limits.hpp"

namespace engine {

/// What each message of it changes stands in front.
struct Peer {
  base::Instant last_seen{};
  std::string proof{};  ///< how its last message proved who it is; empty: an answer proved nothing
  base::Instant first_seen{};
  std::uint64_t responses = 0;  ///< accepted from it
  std::uint64_t tunnels_up = 0;
  std::uint64_t failures = 0;
  std::optional<base::Duration> round_trip{};  ///< of the last probe that it answered
  std::string identity{};                      ///< that IKE authenticated last; empty where peers are not told apart
  bool is_draft = false;                       ///< and that answer was in the draft form
  Means proven{};                              ///< all that its answers ever proved themselves with
};

class Peers {
 public:
  using All = std::list<std::pair<const base::Address, Peer>>;

 private:
  static constexpr std::size_t kReadOfPeer = 96;  ///< bytes, in front

  static auto is(const base::Address& address) {
    return [&address](All::iterator one) { return one->first == address; };
  }

 public:
  /// `secret`: nobody can know it, so that nobody can be peers which one look-up walks through.
  Peers(std::uint64_t secret, Counters& counters) : counters_(counters), hash_(base::AddressHash::keyed(secret)) {}

  /// The one silent for longest first.
  [[nodiscard]] const All& all() const { return all_; }
  /// Null when it is not known.
  [[nodiscard]] const Peer* find(const base::Address& address) const {
    const auto* const found = by_address_.find(hash_(address), is(address));
    return found == nullptr ? nullptr : &(*found)->second;
  }

  /// Ask for the memory that a look-up reads, the second for what the first has led to (base/fetch.hpp).
  void fetch(const base::Address& address) const { by_address_.fetch(hash_(address)); }
  void fetch_found(const base::Address& address) const {
    by_address_.visit(hash_(address), [](All::iterator one) {
      base::fetch(&*one, kReadOfPeer);
      return true;
    });
  }

  /// The peer, made known if it was not. At kMaxPeers the one silent for longest makes room. Stays where it is until it
  /// is forgotten, or makes room.
  Peer& seen(const base::Address& address, base::Instant now) {
    const std::uint64_t hash = hash_(address);
    const auto* const found = by_address_.find(hash, is(address));
    if (found == nullptr) {
      add(address, hash, now);
    } else {
      all_.splice(all_.end(), all_, *found);
    }
    all_.back().second.last_seen = now;
    return all_.back().second;
  }
  void forget(const base::Address& address) {
    const std::uint64_t hash = hash_(address);
    const auto* const found = by_address_.find(hash, is(address));
    if (found == nullptr) return;
    const All::iterator gone = *found;
    by_address_.erase(hash, is(address));
    all_.erase(gone);
  }

 private:
  void add(const base::Address& address, std::uint64_t hash, base::Instant now) {
    if (all_.size() >= kMaxPeers) {
      forget(base::Address(all_.front().first));
      counters_.add(Counter::kPeersForgotten);
    }
    all_.emplace_back(address, Peer{.first_seen = now});
    by_address_.insert(hash, std::prev(all_.end()));
  }

  Counters& counters_;
  base::AddressHash hash_;
  All all_;
  base::FlatIndex<All::iterator> by_address_;
};

}  // namespace engine
