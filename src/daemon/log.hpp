// The daemon's log: standard error, with the priority in front that the journal understands.
#pragma once

#include <cstdint>
#include <string_view>

namespace tedd {

enum class Level : std::uint8_t { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6 };

/// One line. `id` is the stable id of docs/events.md; empty for what has none.
void log(Level level, std::string_view id, std::string_view text);

}  // namespace tedd
