// What one end tells the other of its policy around a flow (docs/policy.md; protocol.md section 6.2).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "base/offer.hpp"
#include "base/selector.hpp"
#include "policy/carve.hpp"
#include "policy/snapshot.hpp"

namespace policy {

using base::Offer;

/// Ends on each side of an offer at most, and exemptions in it: what the wire takes.
inline constexpr std::size_t kMaxOffered = 64;

/// What an offer must fit beside that. An end that asks must put the same question as one that answers, lest the two
/// know differently much of each other.
using Fits = std::function<bool(const Offer&)>;

/// This side's own part: the traffic of the flow's rule, and the lines of earlier rules that take some of it away. What
/// is too long is said in fewer words first, which loses nothing (compact.hpp). If that is too long still, the
/// exemptions that would take most remain, and the offered sides avoid all others: sound as well, and within what is
/// told the largest, only not the largest that both ends together would allow. When nothing fits, the shortest offer
/// there is. It depends on nothing but policy, flow and `fits` (null: all of these do). `match` is the flow's first
/// match and a protect rule; `discover` and `respond` are the caller's to check.
[[nodiscard]] Offer offer(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                          const Fits& fits = nullptr);
/// The same; nothing unless the first match is a protect rule.
[[nodiscard]] std::optional<Offer> offer(const Snapshot& snapshot, const base::Flow& flow, const Fits& fits = nullptr);

/// All of it, however long: for an end that keeps it to itself.
[[nodiscard]] Offer everything(const Snapshot& snapshot, const Match& match);

/// The largest single box around the flow, for peers that take no list.
[[nodiscard]] base::Selector offer_box(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                       DataPlane plane);

}  // namespace policy
