// What is read from standard input, or from a file as a whole.
#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>

namespace cli {

/// All of it; nothing when it is longer than `most` bytes, of which no more are read.
[[nodiscard]] std::optional<std::string> all_of(std::istream& input, std::size_t most);

/// The next line without its end; false when there is none. Of one that is longer than `most` bytes the first are kept.
[[nodiscard]] bool next_line(std::istream& input, std::string& line, std::size_t most);

}  // namespace cli
