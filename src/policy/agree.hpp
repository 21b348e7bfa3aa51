// What the two ends of a tunnel agree on: the responder offers, the initiator agrees within the offer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/selector_list.hpp"
#include "policy/carve.hpp"
#include "policy/intersection.hpp"
#include "policy/offer.hpp"
#include "policy/snapshot.hpp"

namespace policy {

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

/// How much of its own policy the asking end goes by.
enum class Candour : std::uint8_t {
  kTold,  ///< what it would tell if it were asked: either end, asking, then gets the same
  kAll,   ///< all of it: for a peer that takes no lists, and whose own answer says nothing of its exemptions
};

/// The selectors of the tunnel: the largest product around the flow that both ends' offers allow, and nothing else that
/// either knows, so that it does not matter which of them asks. `theirs` is the other side's offer mirrored to this
/// side, of any shape and from anybody: it is not trusted to contain the flow. Sound here whatever it says, sound at
/// the other end if `theirs` is, and then nothing can be added to it within the two offers. `room` is for this side's
/// own.
[[nodiscard]] base::Result<base::SelectorList, Disagreement> agree(const Snapshot& snapshot, const base::Flow& flow,
                                                                   const Offer& theirs, DataPlane plane,
                                                                   Candour candour = Candour::kTold,
                                                                   const OfferRoom& room = {});

/// `selector` as narrow as a response without list can say it: one port or any on each side, so a true range becomes
/// the flow's own port. `selector` contains `flow`.
[[nodiscard]] base::Selector for_response(const base::Selector& selector, const base::Flow& flow);

}  // namespace policy
