// The command line.
#pragma once

#include <functional>

#include "cli/exit_status.hpp"

namespace cli {

/// What the command line asks for: a command to run; or none, because help was given or nothing was understood (which
/// has been said on standard error), and the status to end with.
struct Invocation {
  std::function<ExitStatus()> command;
  ExitStatus status = ExitStatus::kOk;
};

/// Reads `tedctl [--socket PATH] [--json] COMMAND …`; both options may stand behind the command, too.
[[nodiscard]] Invocation parse_arguments(int argc, char** argv);

}  // namespace cli
