// One question to the daemon, one answer from it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "cli/connection.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "control/reply.hpp"

namespace cli {

/// What every command is told.
struct Context {
  std::string socket = "/run/opented/tedd.sock";
  bool json = false;
};

/// How long the daemon may take to answer from what it knows; a command that waits for the network gives its own.
inline constexpr std::chrono::seconds kPatience{10};

/// The data of the daemon's reply. Its refusal is an error that ends the command with kNo.
[[nodiscard]] base::Result<control::Data, ConnectionError> ask(const Context& context, const control::Request& request,
                                                               std::chrono::seconds patience = kPatience);

/// The data of the line that answers `command`.
[[nodiscard]] base::Result<control::Data, ConnectionError> answer_in(std::string_view line, control::Command command);

/// Complains and gives the status to end with.
[[nodiscard]] ExitStatus fail(const ConnectionError& error);

/// Asks, and prints the answer as JSON or as `show` has it. `T` is the kind of data that the command is answered with.
template <class T>
[[nodiscard]] ExitStatus ask_and_show(const Context& context, const control::Request& request, void (*show)(const T&)) {
  const auto data = ask(context, request);
  if (!data) return fail(data.error());
  if (context.json) {
    print_json(control::data_json(*data));
  } else if (const T* answer = std::get_if<T>(&*data)) {
    show(*answer);
  }
  return ExitStatus::kOk;
}

}  // namespace cli
