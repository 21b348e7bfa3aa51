// How much one rule stands for.
#pragma once

#include <cstddef>

#include "policy/rule.hpp"

namespace config {

/// Lists multiply: a rule of more lines than this is a mistake, or should be fewer and larger prefixes.
inline constexpr std::size_t kMaxLines = 65'536;

/// Pairs of a local and a remote entry of one family.
[[nodiscard]] std::size_t line_count(const policy::Rule& rule);

}  // namespace config
