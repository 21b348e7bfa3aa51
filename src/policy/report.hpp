// What is odd about a policy although it is valid: for `tedctl check`.
#pragma once

#include <cstddef>
#include <vector>

#include "policy/snapshot.hpp"

namespace policy {

/// A rule that no flow can ever reach.
struct Shadowed {
  RuleIndex rule{};
  std::vector<RuleIndex> by;  ///< the earlier rules that cover its lines, in order

  bool operator==(const Shadowed&) const = default;
};

/// Two protect rules that share flows: the earlier one gets them.
struct Overlap {
  RuleIndex rule{};
  RuleIndex with{};  ///< the earlier one

  bool operator==(const Overlap&) const = default;
};

/// Rules whose every line is covered by one earlier line each. Conservative: a line that several earlier lines cover
/// only together is not found. The cost grows with the square of the number of lines.
[[nodiscard]] std::vector<Shadowed> shadowed_rules(const Snapshot& snapshot);

/// Pairs of protect rules with a flow in common, by the later rule, then the earlier one; at most `limit` pairs.
[[nodiscard]] std::vector<Overlap> overlapping_rules(const Snapshot& snapshot, std::size_t limit);

}  // namespace policy
