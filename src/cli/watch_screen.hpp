// `tedctl watch` on a terminal: a screen that refreshes.
#pragma once

#include "cli/ask.hpp"
#include "cli/connection.hpp"

namespace cli {

/// Shows what `events`, a connection that was accepted for watching, tells, and the state and tunnels that are asked
/// for each second, until the user presses `q` or Ctrl-C (kOk) or the daemon ends (kNotRunning). The terminal is then
/// as it was before.
[[nodiscard]] base::Result<ExitStatus, ConnectionError> watch_on_screen(const Context& context, Connection& events);

}  // namespace cli
