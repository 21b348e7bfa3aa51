// LineList of a plan, sorted by what they say of one field.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "policy/plan.hpp"

namespace policy {

/// LineList whose values of a field are these, or among these. Groups nest, or have nothing in common.
struct LineGroup {
  Plan::Word first{};
  Plan::Word last{};
  std::optional<std::size_t> wider;  ///< the next one around it
  std::vector<Plan::Line> own;       ///< in order, without what the group says of them
};

/// Wider groups first, else ascending: by the prefix around their addresses, by protocol, or by port, where a copy of a
/// line stands in each stretch of its range that others tell apart; none when those would be too many.
[[nodiscard]] std::vector<LineGroup> groups_of(const std::vector<Plan::Line>& lines, Plan::Field field,
                                               base::Family family);

}  // namespace policy
