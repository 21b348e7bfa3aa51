// Lists of prefixes.
#pragma once

#include <algorithm>
#include <vector>

#include "base/prefix.hpp"

namespace base {

/// The same addresses in as many prefixes or fewer, ascending: those that are in others of them are left out.
[[nodiscard]] inline std::vector<Prefix> without_inner(std::vector<Prefix> prefixes) {
  std::ranges::sort(prefixes);  // a prefix comes before all that is in it
  std::vector<Prefix> outer;
  for (const Prefix& prefix : prefixes) {
    if (outer.empty() || !outer.back().covers(prefix)) outer.push_back(prefix);
  }
  return outer;
}

}  // namespace base
