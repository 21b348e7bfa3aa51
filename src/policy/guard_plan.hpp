// What becomes of a packet that no tunnel carries, as plans: for the guard, and for `tedctl check`, which refuses what
// has none.
#pragma once

#include <cstddef>
#include <optional>

#include "policy/plan.hpp"

namespace policy {

/// Outcomes of a plan for the guard; kPass is the first.
inline constexpr Outcome kDropped = 1;       ///< block, or protect without discovery
inline constexpr Outcome kCaught = 2;        ///< protect: dropped, and told to tedd
inline constexpr Outcome kHeld = 3;          ///< the same, and tedd keeps it until it has a tunnel
inline constexpr Outcome kFirstOpening = 4;  ///< and rule I of those that may open: kFirstOpening + I

/// True for a rule whose flows may pass in the clear while no peer is found.
[[nodiscard]] bool may_open(const Rule& rule);
/// The outcome of a flow whose first match is that rule.
[[nodiscard]] Outcome outcome_of(const Rule& rule, RuleIndex index);

struct GuardPlan {
  Plan v4;
  Plan v6;
};

/// Policies of so many lines, of both families together, are guarded line by line: an operator reads them, and a
/// packet tries them about as fast as it takes the steps of a plan.
inline constexpr std::size_t kFewLines = 32;

/// Nothing for a policy of at most `few_lines`. Fails for one that cannot be planned within the bounds of Plan: it
/// cannot be put in force.
[[nodiscard]] base::Result<std::optional<GuardPlan>, PlanError> plan_guard(const Snapshot& snapshot,
                                                                           std::size_t few_lines = kFewLines);

}  // namespace policy
