#include "cli/report_data.hpp"

#include <string>
#include <utility>
#include <variant>

namespace cli {

namespace {

using control::Command;

/// Reads the member of a command's name as that command's answer.
template <class T>
base::Result<void, control::Error> read(const control::Json& json, Command command, T& value) {
  const std::string name(control::name(command));
  const control::Json* member = json.find(name);
  if (member == nullptr) return std::unexpected(control::Error{control::ErrorCode::kMissing, name, {}});
  auto reply = control::decode_reply("{\"ok\":true,\"data\":" + member->dump() + "}", command);
  if (!reply) return std::unexpected(control::Error{reply.error().code, name + ": " + reply.error().where, {}});
  value = std::get<T>(std::move(reply->data));
  return {};
}

}  // namespace

control::Json json_of(const ReportData& data) {
  control::Json json = control::Json::object();
  const auto add = [&json](Command command, const control::Data& answer) {
    json.add(std::string(control::name(command)), control::data_json(answer));
  };
  add(Command::kStatus, data.status);
  add(Command::kTunnels, data.tunnels);
  add(Command::kPending, data.pending);
  add(Command::kPeers, data.peers);
  add(Command::kRules, data.rules);
  add(Command::kHistory, data.history);
  return json;
}

base::Result<ReportData, control::Error> report_data_of(std::string_view text) {
  TED_TRY(const control::Json json, control::Json::parse(text, control::kMaxReplyLine));
  ReportData data;
  if (auto done = read(json, Command::kStatus, data.status); !done) return std::unexpected(done.error());
  if (auto done = read(json, Command::kTunnels, data.tunnels); !done) return std::unexpected(done.error());
  if (auto done = read(json, Command::kPending, data.pending); !done) return std::unexpected(done.error());
  if (auto done = read(json, Command::kPeers, data.peers); !done) return std::unexpected(done.error());
  if (auto done = read(json, Command::kRules, data.rules); !done) return std::unexpected(done.error());
  if (auto done = read(json, Command::kHistory, data.history); !done) return std::unexpected(done.error());
  return data;
}

}  // namespace cli
