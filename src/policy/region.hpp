// One side of traffic: sets of addresses with ports.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "base/selector_list.hpp"

namespace policy {

/// True when every point of `end` is in one of `ends`. False, too, when finding out takes too long: of many masks with
/// holes that only together cover it.
[[nodiscard]] bool covers(std::span<const base::SelectorEnd> ends, const base::SelectorEnd& end);

/// The addresses of that family, each with these ports: one side of a rule.
[[nodiscard]] std::vector<base::SelectorEnd> ends_of(std::span<const base::MaskedAddress> addresses,
                                                     base::PortRange port, base::Family family);

/// True when the two share a point.
[[nodiscard]] inline bool overlap(const base::SelectorEnd& one, const base::SelectorEnd& other) {
  return one.port.meets(other.port) && one.address.meets(other.address);
}
/// True when one of `ends` shares a point with `end`.
[[nodiscard]] inline bool overlap(std::span<const base::SelectorEnd> ends, const base::SelectorEnd& end) {
  return std::ranges::any_of(ends, [&end](const base::SelectorEnd& one) { return overlap(one, end); });
}
/// The points that are in one of each.
[[nodiscard]] std::vector<base::SelectorEnd> intersect(std::span<const base::SelectorEnd> some,
                                                       std::span<const base::SelectorEnd> others);

/// The smallest prefix around all of them; there is at least one.
[[nodiscard]] base::MaskedAddress covering(std::span<const base::SelectorEnd> ends);

/// How much of the family's addresses and ports it is, from 0 to 1.
[[nodiscard]] double share(const base::SelectorEnd& end);

}  // namespace policy
