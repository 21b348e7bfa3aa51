#include "cli/ask.hpp"

#include <fmt/format.h>

namespace cli {

namespace {

ConnectionError not_understood(const control::Error& error) {
  return {ExitStatus::kNo,
          {fmt::format("tedd's answer cannot be understood: {}", control::describe(error).message),
           "tedctl and tedd may be of different versions"}};
}

}  // namespace

base::Result<control::Data, ConnectionError> ask(const Context& context, const control::Request& request,
                                                 std::chrono::seconds patience) {
  TED_TRY(auto connection, Connection::open(context.socket));
  if (auto sent = connection.send(control::encode(request)); !sent) return std::unexpected(sent.error());
  TED_TRY(const auto line, connection.receive(patience));
  if (!line) return std::unexpected(ConnectionError{ExitStatus::kNo, {"tedd closed the connection", kLookAtTedd}});
  return answer_in(*line, request.command);
}

base::Result<control::Data, ConnectionError> answer_in(std::string_view line, control::Command command) {
  auto reply = control::decode_reply(line, command);
  if (!reply) return std::unexpected(not_understood(reply.error()));
  if (!reply->ok) return std::unexpected(ConnectionError{ExitStatus::kNo, std::move(reply->error)});
  return std::move(reply->data);
}

ExitStatus fail(const ConnectionError& error) {
  complain(error.error);
  return error.status;
}

}  // namespace cli
