// A line as words.
#pragma once

#include <string_view>
#include <vector>

namespace migrate {

/// What blanks and tabs separate.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view line);

/// Without blanks, tabs and carriage returns at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace migrate
