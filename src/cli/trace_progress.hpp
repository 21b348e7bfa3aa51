// What a trace does while it is under way, a line for each probe, as traceroute has it.
#pragma once

#include <optional>

#include "cli/ask.hpp"
#include "control/request.hpp"

namespace cli {

/// Asks for the trace and shows on standard output, which is a terminal, each probe as it goes out and what came of it:
/// tedd's own events say when. `patience`: for the answer.
[[nodiscard]] base::Result<control::Data, ConnectionError> ask_and_follow(const Context& context,
                                                                          const control::TraceArguments& arguments,
                                                                          std::chrono::seconds patience);

/// `0.900 ms`
[[nodiscard]] std::string round_trip_text(std::int64_t microseconds);

}  // namespace cli
