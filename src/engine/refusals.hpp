// What strongSwan did not bring up lately: the same tunnel, asked for by a flow to another address behind the same
// gateway, would only fail again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/recent.hpp"
#include "base/selector_list.hpp"
#include "base/time.hpp"
#include "engine/counters.hpp"
#include "engine/limits.hpp"
#include "engine/place_hash.hpp"
#include "engine/ports.hpp"
#include "engine/token_bucket.hpp"
#include "policy/snapshot.hpp"

namespace engine {

/// A product of a rule that a gateway refused, or that no answer came for.
struct Refusal {
  base::SelectorList product;
  std::string reason{};      ///< of the last failure
  unsigned failures = 0;     ///< in a row
  base::Instant until{};     ///< held down until then, and remembered for kRest more
  bool is_on_trial = false;  ///< a probe went out since the hold-down ended
  TokenBucket others{kRefusedTrials, kRefusedTrialsBurst};
};

/// Held down by rule, gateway and product with the back-off of a discovery, at most kMaxRefusals of them; the one whose
/// hold-down ends first makes room. What is lost in it costs a negotiation that fails.
///
/// A product is what its gateway claims, which may be everything: whom it keeps from being probed for is told by where
/// probes have found that gateway, network by network, at most kMaxRefusedNetworks of them; the one that was found
/// least recently makes room. What is lost in it costs a probe.
class Refusals {
 public:
  /// `secret`: nobody can know it, so that nobody can have networks which one look-up walks through.
  Refusals(std::uint64_t secret, Counters& counters)
      : counters_(counters),
        found_(kMaxRefusedNetworks, counters.cell(Counter::kRefusalsForgotten), PlaceHash(secret)) {}

  /// The gateway was asked for that product in vain: until when it is held down now.
  base::Instant failed(policy::RuleIndex rule, const base::Address& gateway, const base::SelectorList& product,
                       std::string reason, Random& random, base::Instant now);

  /// The held-down one of that rule and gateway that the product lies in; null when it may be asked for.
  [[nodiscard]] const Refusal* held(policy::RuleIndex rule, const base::Address& gateway,
                                    const base::SelectorList& product, base::Instant now) const;

  /// A probe for that destination has found the gateway, which did not bring up what was agreed on.
  void found(policy::RuleIndex rule, const base::Address& destination, const base::Address& gateway);

  /// False when the flow lies in what a gateway refused which was found in the network of its destination: its probe
  /// would only find that gateway again. True for others; for one flow when the hold-down has ended, which is the
  /// trial; and for a few more, as the path to their destination may lead to another gateway.
  [[nodiscard]] bool may_probe(policy::RuleIndex rule, const base::Flow& flow, base::Instant now);
  /// What the flow is not probed for now, but for those few; null when there is nothing.
  [[nodiscard]] const Refusal* keeping(policy::RuleIndex rule, const base::Flow& flow, base::Instant now) const;

  /// The gateway is another now, or to be asked anew.
  void forget(const base::Address& gateway);
  /// The rules have other numbers now, or the world is another.
  void clear() {
    all_.clear();
    found_.clear();
  }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  using Key = std::pair<policy::RuleIndex, base::Address>;

  Refusal& entry(const Key& key, const base::SelectorList& product, base::Instant now);
  void make_room(base::Instant now);

  Counters& counters_;
  std::multimap<Key, Refusal> all_;
  base::Recent<Place, base::Address, PlaceHash> found_;  ///< of each network the gateway that was found there last
};

}  // namespace engine
