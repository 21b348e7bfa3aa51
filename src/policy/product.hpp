// The largest product of two lists around a flow that one policy allows (docs/policy.md): what a tunnel may carry.
#pragma once

#include <optional>

#include "base/offer.hpp"
#include "policy/carve.hpp"
#include "policy/snapshot.hpp"

namespace policy {

using base::Offer;

/// A product that contains `flow`, in which every flow has `match.rule` as its first match and is in `theirs` (null: no
/// such limit), that the data plane takes to the letter, and to which nothing can be added on either side, in protocol
/// or in ports, within max_ends() a side. `match` is the flow's first match. Nothing when `theirs` does not contain it.
[[nodiscard]] std::optional<base::SelectorList> largest_product(const Snapshot& snapshot, const Match& match,
                                                                const base::Flow& flow, DataPlane plane,
                                                                const Offer* theirs = nullptr);

}  // namespace policy
