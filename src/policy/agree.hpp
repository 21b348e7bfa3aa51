// What the two ends of a tunnel agree on, computed by each from its own policy and the other's answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/selector.hpp"
#include "policy/carve.hpp"
#include "policy/intersection.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// This side's own selector around the flow: its first match made exact and carved, so that every flow in it has the
/// same first match. Nothing unless that match is a protect rule; `discover` and `respond` are the caller's to check.
[[nodiscard]] std::optional<base::Selector> offer(const Snapshot& snapshot, const base::Flow& flow, DataPlane plane);
/// The same for a caller that has looked the flow up: `match` is its first match and a protect rule.
[[nodiscard]] base::Selector offer(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                   DataPlane plane);

/// Why there is no agreement.
struct Disagreement {
  enum class Reason : std::uint8_t {
    kNotProtected,  ///< no protect rule is this side's first match: nothing to agree on
    kEmpty,         ///< `part` of the two has nothing in common
    kFlowOutside,   ///< there is something in common, and the flow is not in it: the answer is for other traffic
  };
  Reason reason{};
  std::optional<EmptyPart> part;       ///< kEmpty only
  std::optional<base::Selector> mine;  ///< this side's offer; nothing when kNotProtected
  base::Selector theirs;               ///< as given

  bool operator==(const Disagreement&) const = default;

  /// For logs and people, both values included.
  [[nodiscard]] std::string text() const;
};

/// The selector of the tunnel: offer() and `theirs` intersected, and again made exact, so it contains the flow and
/// never goes beyond either. `theirs` is the other side's proxy mirrored to this side, of any shape and from anybody:
/// it is not trusted to contain the flow. Sound at the other end only if `theirs` is.
[[nodiscard]] base::Result<base::Selector, Disagreement> agree(const Snapshot& snapshot, const base::Flow& flow,
                                                               const base::Selector& theirs, DataPlane plane);

/// `selector` as narrow as a version 3 response can say it: one port or any on each side, so a true range becomes the
/// flow's own port. `selector` contains `flow`.
[[nodiscard]] base::Selector for_response(const base::Selector& selector, const base::Flow& flow);

}  // namespace policy
