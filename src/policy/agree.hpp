// What the two ends of a tunnel agree on: the responder offers, the initiator agrees within the offer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/selector_list.hpp"
#include "policy/carve.hpp"
#include "policy/intersection.hpp"
#include "policy/product.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// Exemptions in an offer at most, and ends on each side of it.
inline constexpr std::size_t kMaxExempt = 64;

/// This side's own part: the traffic of the flow's rule, and the lines of earlier rules that take some of it away, at
/// most `max_exempt` of them. When there are more, a product that avoids them all, and no exemptions: sound as well,
/// only not the largest that both ends together would allow. `match` is the flow's first match and a protect rule;
/// `discover` and `respond` are the caller's to check.
[[nodiscard]] Offer offer(const Snapshot& snapshot, const Match& match, const base::Flow& flow, DataPlane plane,
                          std::size_t max_exempt = kMaxExempt);
/// The same; nothing unless the first match is a protect rule.
[[nodiscard]] std::optional<Offer> offer(const Snapshot& snapshot, const base::Flow& flow, DataPlane plane);

/// The largest single box around the flow, for peers that take no list.
[[nodiscard]] base::Selector offer_box(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                       DataPlane plane);

/// Why there is no agreement.
struct Disagreement {
  enum class Reason : std::uint8_t {
    kNotProtected,  ///< no protect rule is this side's first match: nothing to agree on
    kEmpty,         ///< `part` of the two has nothing in common
    kFlowOutside,   ///< there is something in common, and the flow is not in it: the answer is for other traffic
  };
  Reason reason{};
  std::optional<EmptyPart> part;           ///< kEmpty only
  std::optional<base::SelectorList> mine;  ///< this side's largest product; nothing when kNotProtected
  Offer theirs;                            ///< as given

  bool operator==(const Disagreement&) const = default;

  /// For logs and people, both values included.
  [[nodiscard]] std::string text() const;
};

/// The selectors of the tunnel: the largest product around the flow within `theirs` that this side allows. `theirs` is
/// the other side's offer mirrored to this side, of any shape and from anybody: it is not trusted to contain the flow.
/// Sound at the other end if `theirs` is, and then nothing can be added to it at either end.
[[nodiscard]] base::Result<base::SelectorList, Disagreement> agree(const Snapshot& snapshot, const base::Flow& flow,
                                                                   const Offer& theirs, DataPlane plane);

/// `selector` as narrow as a response without list can say it: one port or any on each side, so a true range becomes
/// the flow's own port. `selector` contains `flow`.
[[nodiscard]] base::Selector for_response(const base::Selector& selector, const base::Flow& flow);

}  // namespace policy
