// Whether one rule decides about everything that a tunnel carries.
#pragma once

#include <optional>

#include "base/selector.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// The protect rule that is the first match of every flow of `box`, if there is such a one: what a standing tunnel must
/// fulfil. Nothing, too, when that takes too long to find out: see covers() in region.hpp.
[[nodiscard]] std::optional<RuleIndex> sound(const Snapshot& snapshot, const base::Selector& box);

}  // namespace policy
