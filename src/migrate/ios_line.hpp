// One line of an IOS extended access list.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/selector.hpp"

namespace migrate {

/// `permit` or `deny` and what follows. Local is the source: a crypto access list is written for what leaves.
struct AccessLine {
  bool permit = false;
  std::vector<base::Selector>
      boxes;  ///< which together are what the line matches: several for `neq`, and `eq` with a list
};

/// The line that begins with the word `permit` or `deny`, or why it is no rule.
[[nodiscard]] base::Result<AccessLine, std::string> parse_access_line(std::span<const std::string_view> words);

}  // namespace migrate
