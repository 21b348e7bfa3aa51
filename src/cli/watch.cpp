// `tedctl watch`: events as they happen, one a line, until the daemon ends or the user has seen enough; on a terminal a
// screen.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "cli/watch_screen.hpp"

namespace cli {

namespace {

std::string event_text(const control::Event& event) {
  std::string text = fmt::format("{} {} {}", control::text(event.time), event.id, event.text);
  for (const auto& [name, value] : event.fields) text += fmt::format(" {}={}", name, value);
  return text;
}

/// Prints an event's line. One that cannot be read is passed over: the next may be readable.
void show(const Context& context, const std::string& line) {
  const auto event = control::decode_event(line);
  if (!event) {
    remark("an event cannot be understood: " + control::describe(event.error()).message);
  } else if (context.json) {
    print_json(control::event_json(*event));
  } else {
    print_line(event_text(*event));
  }
}

base::Result<ExitStatus, ConnectionError> watch(const Context& context) {
  TED_TRY(auto connection, Connection::open(context.socket));
  const control::Request request{control::Command::kWatch, {}};
  if (auto sent = connection.send(control::encode(request)); !sent) return std::unexpected(sent.error());
  TED_TRY(const auto accepted, connection.receive(kPatience));
  const auto reply = control::decode_reply(accepted.value_or(""), request.command);
  if (!reply)
    return std::unexpected(ConnectionError{
        ExitStatus::kNo, {control::describe(reply.error()).message, "tedctl and tedd may be of different versions"}});
  if (!reply->ok) return std::unexpected(ConnectionError{ExitStatus::kNo, reply->error});
  if (!context.json && terminal_size()) return watch_on_screen(context, connection);
  while (output_arrived()) {
    TED_TRY(const auto line, connection.receive(std::nullopt));
    if (!line) return std::unexpected(ConnectionError{ExitStatus::kNotRunning, {"tedd ended", kLookAtTedd}});
    show(context, *line);
  }
  return ExitStatus::kNo;
}

}  // namespace

ExitStatus run_watch(const Context& context) {
  const auto end = watch(context);
  return end ? *end : fail(end.error());
}

}  // namespace cli
