// Ends that can grow no more: for lists that may not have all the pieces there are.
#pragma once

#include <span>
#include <vector>

#include "base/selector_list.hpp"
#include "policy/carve.hpp"

namespace policy {

/// The points of `whole` that are in none of `holes`; masks may have any shape.
struct Region {
  std::span<const base::SelectorEnd> whole;
  std::span<const base::SelectorEnd> holes;
};

/// Makes each of `ends`, which are prefixes inside the region, as large as the data plane takes it there: first the
/// prefix shorter, then the ports wider. Ends that another one then covers are left out; others may come to overlap.
void widen(std::vector<base::SelectorEnd>& ends, const Region& region, DataPlane plane);

}  // namespace policy
