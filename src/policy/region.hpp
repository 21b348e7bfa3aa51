// One side of traffic: sets of addresses with ports, what is left of them when others are taken away, and its shortest
// list of prefixes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "base/selector_list.hpp"
#include "policy/carve.hpp"

namespace policy {

/// A point of a side: P's own address and port there.
struct Point {
  base::Address address;
  std::uint16_t port = 0;
};

/// Ends that together are `whole` without `holes`, each a prefix with ports that the data plane takes to the letter; at
/// most `limit` of them, the largest, and always the one with `around`. Nothing when `around` is in a hole or outside
/// of the whole. All are of one family; masks may have any shape. No two of the ends could be one. They are disjoint;
/// where they are not all that there is, none of them could grow, and then they may overlap.
///
/// Work is bounded: of a set whose pieces are many and small (a mask with holes) those near `around` are taken.
[[nodiscard]] std::vector<base::SelectorEnd> decompose(std::span<const base::SelectorEnd> whole,
                                                       std::span<const base::SelectorEnd> holes, const Point& around,
                                                       DataPlane plane, std::size_t limit);

/// `ends`, which lie in `whole` without `holes`, made larger until none can grow and no more find room; `around` breaks
/// ties. For a side whose other side has changed since it was decomposed.
[[nodiscard]] std::vector<base::SelectorEnd> extended(std::vector<base::SelectorEnd> ends,
                                                      std::span<const base::SelectorEnd> whole,
                                                      std::span<const base::SelectorEnd> holes, const Point& around,
                                                      DataPlane plane, std::size_t limit);

/// True when every point of `end` is in one of `ends`. False, too, when finding out takes too long: of masks with holes
/// that only together cover a large prefix.
[[nodiscard]] bool covers(std::span<const base::SelectorEnd> ends, const base::SelectorEnd& end);

/// The addresses of that family, each with these ports: one side of a rule.
[[nodiscard]] std::vector<base::SelectorEnd> ends_of(std::span<const base::MaskedAddress> addresses,
                                                     base::PortRange port, base::Family family);

/// True when the two share a point.
[[nodiscard]] inline bool overlap(const base::SelectorEnd& one, const base::SelectorEnd& other) {
  return one.port.intersect(other.port).has_value() && one.address.intersect(other.address).has_value();
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
