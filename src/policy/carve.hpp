// What a tunnel may carry: the part of a line around a flow that no earlier line exempts and a data plane takes to the
// letter (docs/policy.md; protocol.md section 3).
#pragma once

#include <cstdint>
#include <optional>

#include "base/selector.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// How selectors can be written: the kernel takes prefixes and aligned power-of-two port blocks, userspace ESP takes
/// prefixes and any port range. Neither takes a mask that is no prefix.
enum class DataPlane : std::uint8_t { kKernel, kUserspace };

/// A box inside `box` that contains `flow` and that the data plane takes to the letter: masks become the largest
/// prefix, port ranges the largest block around the flow. Never wider than `box`, which must contain `flow`.
[[nodiscard]] base::Selector exact(const base::Selector& box, const base::Flow& flow, DataPlane plane);

/// A box inside `box` around `flow` in which every flow has `match.rule` as its first match: each earlier line that
/// touches the box cuts it in the one dimension that costs least, and at the end each dimension grows back as far as
/// the cuts in the others allow. `match` is first_match(flow), `box` contains `flow`. Port cuts are made in the plane's
/// blocks; addresses are cut to prefixes, so an exact() box stays one. This is one box; lists are a later extension.
[[nodiscard]] base::Selector carve(const Snapshot& snapshot, const Match& match, const base::Selector& box,
                                   const base::Flow& flow, DataPlane plane = DataPlane::kUserspace);

}  // namespace policy
