// Wall-clock time as text: RFC 3339 in UTC with milliseconds, `2026-11-23T11:00:38.123Z`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace control {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Years 0 to 9999.
[[nodiscard]] std::string text(Timestamp time);

/// The form that text() writes, to the letter.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace control
