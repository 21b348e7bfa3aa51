// Values as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/selector.hpp"
#include "control/report.hpp"

namespace cli {

/// `850 ms`, `12 s`, `3 min 5 s`, `2 h 1 min`, `4 d 6 h`
[[nodiscard]] std::string span_text(std::int64_t milliseconds);

/// `-` for nothing.
[[nodiscard]] std::string or_dash(const std::optional<std::string>& text);

/// `192.0.2.2`, with the identity that it has proved behind it where there is one.
[[nodiscard]] std::string peer_text(const base::Address& peer, const std::optional<std::string>& identity);

/// The state of a discovery, and that its flows pass in the clear meanwhile when they do.
[[nodiscard]] std::string pending_state(const control::Pending& pending);

[[nodiscard]] std::string joined(const std::vector<std::string>& parts, const char* between);
[[nodiscard]] std::string joined(const std::vector<base::Selector>& selectors, const char* between);

}  // namespace cli
