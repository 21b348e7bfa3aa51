// Who asked us lately, and for what: a gateway that we answered a moment ago is about to bring a tunnel up, and two
// gateways that discover each other at once shall end with one (docs/engine.md, "Crossing").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/recent.hpp"
#include "base/selector_list.hpp"
#include "base/time.hpp"
#include "engine/form.hpp"
#include "engine/limits.hpp"
#include "engine/place_hash.hpp"
#include "policy/snapshot.hpp"

namespace engine {

/// The last probe that was answered for each gateway and rule of ours, at most kMaxAsked of them. A hint, no state of
/// the protocol, because anybody can have sent the probe: no tunnel comes by it. What is lost in it costs a
/// second tunnel; what is forged makes an own discovery wait, at most kYields times kYield, and has a tunnel of the
/// gateway's checked with that flow until the gateway itself answers for one.
class Asked {
 public:
  /// `secret`: nobody can know it, so that nobody can claim to be gateways which one look-up walks through.
  explicit Asked(std::uint64_t secret) : last_(kMaxAsked, PlaceHash(secret)) {}

  /// `gateway` was answered for `flow`, written from our side, whose first match is `rule`, in that form. False without
  /// room: it is not kept then.
  bool note(const base::Address& gateway, policy::RuleIndex rule, const base::Flow& flow, Form form, base::Instant now);

  /// True when `gateway` was answered within kAskedLately for a flow of `rule` that is in `list`.
  [[nodiscard]] bool lately(const base::Address& gateway, policy::RuleIndex rule, const base::SelectorList& list,
                            base::Instant now) const;

  /// What a gateway was answered for.
  struct Ask {
    base::Flow flow;
    Form form{};
    base::Instant at{};
  };
  /// What `gateway` was answered for last, when that was within kNegotiationTimeout; null when it was not.
  [[nodiscard]] const Ask* last(const base::Address& gateway, policy::RuleIndex rule, base::Instant now) const;

  /// The gateway that was answered last for a flow between these two hosts, and when, as far as that is remembered.
  [[nodiscard]] std::optional<std::pair<base::Address, base::Instant>> answered(const base::Flow& flow) const;

  [[nodiscard]] std::size_t size() const { return last_.size(); }
  /// The rules have other numbers now.
  void clear() { last_.clear(); }

 private:
  base::Recent<Place, Ask, PlaceHash> last_;  ///< of each rule and gateway
};

}  // namespace engine
