// What one end tells the other of its policy around a flow (docs/policy.md; protocol.md section 6.2).
#pragma once

#include <cstddef>
#include <optional>

#include "base/offer.hpp"
#include "base/selector.hpp"
#include "policy/carve.hpp"
#include "policy/snapshot.hpp"

namespace policy {

using base::Offer;
using base::OfferRoom;

/// Ends on each side of an offer at most, and exemptions in it: what the wire takes.
inline constexpr std::size_t kMaxOffered = 64;

/// This side's own part: the traffic of the flow's rule, and the lines of earlier rules that take some of it away. What
/// is too long is said in fewer words first, which loses nothing (compact.hpp). If that is too long still, half of the
/// room is for exemptions, those that would take most, and the offered sides avoid all others within the rest: sound as
/// well, and within what is told the largest, only not the largest that both ends together would allow. When nothing
/// fits, the shortest offer there is. An end that asks must have the same `room` as one that answers, lest the two know
/// differently much of each other: it depends on nothing but policy, flow and room. `match` is the flow's first match
/// and a protect rule; `discover` and `respond` are the caller's to check.
[[nodiscard]] Offer offer(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                          const OfferRoom& room = {});
/// The same; nothing unless the first match is a protect rule.
[[nodiscard]] std::optional<Offer> offer(const Snapshot& snapshot, const base::Flow& flow, const OfferRoom& room = {});

/// All of it, however long: for an end that keeps it to itself.
[[nodiscard]] Offer everything(const Snapshot& snapshot, const Match& match);

/// The largest single box around the flow, for peers that take no list.
[[nodiscard]] base::Selector offer_box(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                       DataPlane plane);

}  // namespace policy
