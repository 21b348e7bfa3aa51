// The branches of a step of a plan, of ranges that nest.
#pragma once

#include <vector>

#include "policy/plan.hpp"

namespace policy {

/// Values of a field, both ends included, and where the narrowest range that holds one leads.
struct Placed {
  Plan::Word first{};
  Plan::Word last{};
  Plan::Target target;
};

/// Of ranges that nest or have nothing in common, ascending, wider ones first where two begin together. Values that
/// lead to `otherwise`, where those without a branch go, have none.
[[nodiscard]] std::vector<Plan::Branch> narrowest(const std::vector<Placed>& ranges, Plan::Target otherwise);

}  // namespace policy
