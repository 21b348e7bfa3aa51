// One [[rule]] of the file as a rule of policy.
#pragma once

#include "config/section.hpp"
#include "policy/rule.hpp"

namespace config {

/// Reads the table behind `section`; every mistake in it is recorded there, and the rule is of use only without any.
[[nodiscard]] policy::Rule read_rule(Section& section);

}  // namespace config
