// What strongSwan did not bring up lately: the same tunnel, asked for by a flow to another address behind the same
// gateway, would only fail again.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/selector_list.hpp"
#include "base/time.hpp"
#include "engine/limits.hpp"
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
class Refusals {
 public:
  /// The gateway was asked for that product in vain: until when it is held down now.
  base::Instant failed(policy::RuleIndex rule, const base::Address& gateway, const base::SelectorList& product,
                       std::string reason, Random& random, base::Instant now);

  /// The held-down one of that rule and gateway that the product lies in; null when it may be asked for.
  [[nodiscard]] const Refusal* held(policy::RuleIndex rule, const base::Address& gateway,
                                    const base::SelectorList& product, base::Instant now) const;

  /// False when the flow lies in what some gateway refused: its probe would only find that gateway again. True for
  /// others; for one flow when the hold-down has ended, which is the trial; and for a few more, as the path to their
  /// destination may lead to another gateway. Of very many refusals of one rule only some are looked at
  /// (kMaxLookedThrough).
  [[nodiscard]] bool may_probe(policy::RuleIndex rule, const base::Flow& flow, base::Instant now);

  /// The gateway is another now, or to be asked anew.
  void forget(const base::Address& gateway);
  /// The rules have other numbers now, or the world is another.
  void clear() { all_.clear(); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  using Key = std::pair<policy::RuleIndex, base::Address>;

  Refusal& entry(const Key& key, const base::SelectorList& product, base::Instant now);
  void make_room(base::Instant now);

  std::multimap<Key, Refusal> all_;
};

}  // namespace engine
