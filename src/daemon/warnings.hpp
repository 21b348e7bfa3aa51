// What to know about rules that are taken and do not do all they say.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "policy/rule.hpp"

namespace tedd {

/// A sentence for each; none when all is as written.
[[nodiscard]] std::vector<std::string> warnings_about(std::span<const policy::Rule> rules);

}  // namespace tedd
