// Where nobody answers: a network with many unanswered destinations is not probed address by address any more.
#pragma once

#include <compare>
#include <cstddef>
#include <map>

#include "base/address.hpp"
#include "base/time.hpp"
#include "engine/limits.hpp"
#include "policy/snapshot.hpp"

namespace engine {

/// Counts failed discoveries that are remembered, by rule and network of the destination (a /24, or an IPv6 /64). Its
/// size is bounded by the table of discoveries, each of which is counted once.
class SilentPrefixes {
 public:
  /// A discovery for this rule and destination found nobody; forgotten() is due when it is no longer remembered.
  void unanswered(policy::RuleIndex rule, const base::Address& destination);
  void forgotten(policy::RuleIndex rule, const base::Address& destination);

  /// False when its network is silent and had its trial lately. True for others, and once every kHoldDownMax for a
  /// silent network: that one probe is its trial.
  [[nodiscard]] bool may_probe(policy::RuleIndex rule, const base::Address& destination, base::Instant now);

  /// Its network is one.
  [[nodiscard]] bool is_silent(policy::RuleIndex rule, const base::Address& destination) const;

  [[nodiscard]] std::size_t size() const { return networks_.size(); }
  /// The rules have other numbers now, or the world is another.
  void clear() { networks_.clear(); }

 private:
  struct Key {
    policy::RuleIndex rule{};
    base::Address network;

    auto operator<=>(const Key&) const = default;
  };
  struct Network {
    std::size_t silent = 0;  ///< destinations
    base::Instant next_trial{};
  };

  [[nodiscard]] static Key key_of(policy::RuleIndex rule, const base::Address& destination);

  std::map<Key, Network> networks_;
};

}  // namespace engine
