// One [[rule]] of the file as a rule of policy.
#pragma once

#include <span>
#include <vector>

#include "base/address.hpp"
#include "config/config.hpp"
#include "config/section.hpp"
#include "policy/rule.hpp"

namespace config {

struct RuleText {
  policy::Rule rule;
  std::vector<InterfaceUse> interfaces;  ///< which of the rules it is, is the caller's to say
};

/// Reads the table behind `section`; every mistake in it is recorded there, and the rule is of use only without any.
/// `self` is what that word stands for: the gateway's own addresses. `discovery` says what a rule wants that does not
/// say, and whether there is something to prove with.
[[nodiscard]] RuleText read_rule(Section& section, std::span<const base::Address> self, const Discovery& discovery);

}  // namespace config
