// What becomes of one flow under one policy, or under the policies of both ends: the value behind `tedctl explain`.
// story.hpp says why, for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/flow.hpp"
#include "base/offer.hpp"
#include "base/selector.hpp"
#include "base/selector_list.hpp"
#include "policy/carve.hpp"
#include "policy/intersection.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// What one end decides.
struct Decision {
  Action action = Action::kBypass;      ///< no match is bypass
  std::optional<std::string> rule;      ///< nothing: no match
  std::optional<base::Selector> proxy;  ///< the matched line of a protect rule, written from my side

  bool operator==(const Decision&) const = default;
};

/// Everything is written from my side, the peer's part too.
struct Explanation {
  base::Flow flow;
  Decision mine;
  std::optional<Decision> peer;  ///< nothing: no peer was given

  /// Figures 3A to 3C on the two matched lines alone; nothing unless both ends protect.
  std::optional<base::Selector> intersection;
  std::optional<EmptyPart> empty_because;  ///< the part that has nothing in common

  /// What a tunnel would carry under the whole policies; nothing: there would be none. Without a peer, what I would
  /// offer.
  std::optional<base::SelectorList> tunnel;
  bool contains_flow = false;  ///< the flow is in `tunnel`
};

/// `peer` may be null. It is asked for the mirrored flow. `room` is what either end tells the other in.
[[nodiscard]] Explanation explain(const Snapshot& mine, const Snapshot* peer, const base::Flow& flow, DataPlane plane,
                                  const base::OfferRoom& room = {});

/// `protect`, `bypass` or `block`
[[nodiscard]] std::string_view name(Action action);

}  // namespace policy
