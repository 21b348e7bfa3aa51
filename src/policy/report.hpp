// What is odd about a policy although it is valid: for `tedctl check`, and the bounded part of it for tedd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "policy/snapshot.hpp"

namespace policy {

/// A rule that no flow can ever reach.
struct Shadowed {
  RuleIndex rule{};
  std::vector<RuleIndex> by;  ///< earlier rules that together cover its lines, in order

  bool operator==(const Shadowed&) const = default;
};

struct Shadows {
  std::vector<Shadowed> found;
  std::vector<RuleIndex> unknown;  ///< rules of which the bounds on work leave it open

  bool operator==(const Shadows&) const = default;
};

/// Two protect rules that share flows: the earlier one gets them.
struct Overlap {
  RuleIndex rule{};
  RuleIndex with{};  ///< the earlier one

  bool operator==(const Overlap&) const = default;
};

struct Overlaps {
  std::vector<Overlap> found;  ///< the first ones, by the later rule, then the earlier one
  std::size_t left_out = 0;    ///< so many more were counted
  bool complete = true;        ///< false: the bound on work ended the count, and there may be more

  bool operator==(const Overlaps&) const = default;
};

/// What a report may cost. The defaults are some seconds for 100,000 rules.
struct ReportBounds {
  std::size_t compared = std::size_t{1} << 33;      ///< lines held against lines in the search for those that touch
  std::size_t visited = std::size_t{1} << 26;       ///< lines that touch
  std::size_t divided = std::size_t{1} << 30;       ///< lines held against parts of a line that several may cover
  std::size_t divided_each = std::size_t{1} << 22;  ///< the same for one rule
};

/// Rules that are never matched: earlier lines, one or several together, take all of each of their lines. Exact within
/// the bounds.
[[nodiscard]] Shadows shadowed_rules(const Snapshot& snapshot, ReportBounds bounds = {});

/// `rule 'web' is never reached: 'sites' before it takes all of its flows`; of those before it some are named.
[[nodiscard]] std::string text(const Snapshot& snapshot, const Shadowed& shadowed);

/// Pairs of protect rules with a flow in common; `limit` of them are found, the others counted.
[[nodiscard]] Overlaps overlapping_rules(const Snapshot& snapshot, std::size_t limit, ReportBounds bounds = {});

}  // namespace policy
