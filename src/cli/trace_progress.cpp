#include "cli/trace_progress.hpp"

#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <poll.h>
#include <utility>
#include <vector>

#include "cli/text.hpp"

namespace cli {

namespace {

using Clock = std::chrono::steady_clock;

class Progress {
 public:
  explicit Progress(const control::TraceArguments& asked) : asked_(asked) {}

  void take(const std::string& line) {
    const auto event = control::decode_event(line);
    if (!event || !is_of_ours(*event)) return;
    if (count_ > 0) print(fmt::format("  *  nothing within {}", span_text((event->time - sent_).count())));
    sent_ = event->time;
    print_part(fmt::format("{:2}  probing {} …", ++count_, asked_.destination.text()));
  }
  void end(const control::TraceResult& result) const {
    if (count_ == 0) return;
    if (!result.answered || !result.gateway || !result.rtt_us) return print("  *");
    print(fmt::format("  {}  {}", result.gateway->text(), round_trip_text(*result.rtt_us)));
  }
  void give_up() const {
    if (count_ > 0) print("");
  }

 private:
  /// A probe of a trace, which has no rule, to that destination. That another trace of the same is under way shows at
  /// most in lines too many.
  [[nodiscard]] bool is_of_ours(const control::Event& event) const {
    if (event.id != (count_ == 0 ? "TED-DISCOVERY-STARTED" : "TED-PROBE-REPEATED")) return false;
    std::optional<base::Flow> flow;
    for (const auto& [name, value] : event.fields) {
      if (name == "rule") return false;
      if (name == "flow") {
        if (const auto parsed = base::Flow::parse(value)) flow = *parsed;
      }
    }
    return flow && flow->destination == asked_.destination && flow->source == asked_.source.value_or(flow->source);
  }

  control::TraceArguments asked_;
  int count_ = 0;
  control::Timestamp sent_{};
};

/// A connection on which events come. Nothing when there is none: a trace is worth its answer without them.
std::optional<Connection> watch(const Context& context) {
  auto connection = Connection::open(context.socket);
  if (!connection) return std::nullopt;
  if (!connection->send(control::encode(control::Request{control::Command::kWatch, {}}))) return std::nullopt;
  const auto accepted = connection->receive(kPatience);
  if (!accepted || !*accepted || !answer_in(**accepted, control::Command::kWatch)) return std::nullopt;
  return *std::move(connection);
}

std::unexpected<ConnectionError> failure(std::string message) {
  return std::unexpected(ConnectionError{ExitStatus::kNo, {std::move(message), kLookAtTedd}});
}

/// The line that answers the trace; probes are shown meanwhile.
base::Result<std::string, ConnectionError> wait_for_answer(Connection& connection, std::optional<Connection>& events,
                                                           Progress& progress, std::chrono::seconds patience) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    std::array<pollfd, 2> waiting{
        {{connection.descriptor(), POLLIN, 0}, {events ? events->descriptor() : -1, POLLIN, 0}}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return failure(fmt::format("tedd did not answer within {} s", patience.count()));
    if (poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) continue;
    if (waiting[1].revents != 0) {
      const auto lines = events->receive_ready();
      if (lines) {
        for (const std::string& line : *lines) progress.take(line);
      } else {
        events.reset();
      }
    }
    if (waiting[0].revents == 0) continue;
    TED_TRY(const std::vector<std::string> lines, connection.receive_ready());
    if (!lines.empty()) return lines.front();
  }
}

}  // namespace

base::Result<control::Data, ConnectionError> ask_and_follow(const Context& context,
                                                            const control::TraceArguments& arguments,
                                                            std::chrono::seconds patience) {
  auto events = watch(context);
  TED_TRY(auto connection, Connection::open(context.socket));
  const control::Request request{control::Command::kTrace, arguments};
  if (auto sent = connection.send(control::encode(request)); !sent) return std::unexpected(sent.error());
  Progress progress(arguments);
  const auto line = wait_for_answer(connection, events, progress, patience);
  auto data = line ? answer_in(*line, request.command)
                   : base::Result<control::Data, ConnectionError>(std::unexpected(line.error()));
  const auto* result = data ? std::get_if<control::TraceResult>(&*data) : nullptr;
  if (result != nullptr) {
    progress.end(*result);
  } else {
    progress.give_up();
  }
  return data;
}

std::string round_trip_text(std::int64_t microseconds) {
  return fmt::format("{}.{:03} ms", microseconds / 1000, microseconds % 1000);
}

}  // namespace cli
