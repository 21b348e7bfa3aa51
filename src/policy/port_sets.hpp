// Sets of ports: lists of ranges, united, taken away from, and written as a data plane takes them.
#pragma once

#include <vector>

#include "base/port_range.hpp"
#include "policy/carve.hpp"

namespace policy {

using PortRanges = std::vector<base::PortRange>;

/// In order, disjoint, no two of them adjacent.
[[nodiscard]] PortRanges united(PortRanges ranges);

/// What is left of `ranges` without `holes`; both are united().
[[nodiscard]] PortRanges without(const PortRanges& ranges, const PortRanges& holes);

/// `ranges` as the plane takes them: themselves in userspace, the fewest blocks of 2^n ports in the kernel.
[[nodiscard]] PortRanges expressed(const PortRanges& ranges, DataPlane plane);

/// True when the plane takes the range as it is.
[[nodiscard]] bool is_expressible(base::PortRange range, DataPlane plane);

}  // namespace policy
