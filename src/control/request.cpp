#include "control/request.hpp"

#include <algorithm>
#include <array>

#include "control/json.hpp"

namespace control {

namespace {

struct NamedCommand {
  Command command;
  std::string_view name;
};

constexpr std::array<NamedCommand, 14> kCommands = {{{Command::kStatus, "status"},
                                                     {Command::kTunnels, "tunnels"},
                                                     {Command::kPending, "pending"},
                                                     {Command::kPeers, "peers"},
                                                     {Command::kObserve, "observe"},
                                                     {Command::kCounters, "counters"},
                                                     {Command::kRules, "rules"},
                                                     {Command::kWhy, "why"},
                                                     {Command::kHistory, "history"},
                                                     {Command::kWatch, "watch"},
                                                     {Command::kTrace, "trace"},
                                                     {Command::kReload, "reload"},
                                                     {Command::kForget, "forget"},
                                                     {Command::kRelease, "release"}}};

std::unexpected<Error> wrong(ErrorCode code, std::string_view argument, std::string hint = {}) {
  return std::unexpected(Error{code, "arguments." + std::string(argument), std::move(hint)});
}

/// The arguments of a line: reads each by name and knows at the end whether one was left over.
class Arguments {
 public:
  explicit Arguments(const Json* json) : json_(json) {}

  base::Result<std::optional<base::Address>, Error> address(std::string_view name) {
    const Json* member = take(name);
    if (member == nullptr) return std::nullopt;
    const auto* text = member->if_string();
    if (text == nullptr) return wrong(ErrorCode::kWrongType, name, "an address as text");
    auto address = base::Address::parse(*text);
    if (!address) return wrong(ErrorCode::kBadValue, name, address.error().message);
    return *address;
  }

  base::Result<base::Address, Error> required_address(std::string_view name) {
    TED_TRY(const auto found, address(name));
    if (!found) return wrong(ErrorCode::kMissing, name, "an address as text");
    return *found;
  }

  base::Result<base::Flow, Error> required_flow(std::string_view name) {
    const Json* member = take(name);
    if (member == nullptr) return wrong(ErrorCode::kMissing, name, "a flow as text");
    const auto* text = member->if_string();
    if (text == nullptr) return wrong(ErrorCode::kWrongType, name, "a flow as text");
    auto flow = base::Flow::parse(*text);
    if (!flow) return wrong(ErrorCode::kBadValue, name, flow.error().message);
    return *flow;
  }

  base::Result<std::optional<std::int64_t>, Error> number(std::string_view name, std::int64_t max) {
    const Json* member = take(name);
    if (member == nullptr) return std::nullopt;
    const auto* value = member->if_integer();
    const auto hint = "a number from 0 to " + std::to_string(max);
    if (value == nullptr) return wrong(ErrorCode::kWrongType, name, hint);
    if (*value < 0 || *value > max) return wrong(ErrorCode::kBadValue, name, hint);
    return *value;
  }

  /// The error of the first argument that nobody has read.
  base::Result<void, Error> end() const {
    const auto* members = json_ == nullptr ? nullptr : json_->if_object();
    if (members == nullptr) return {};
    for (const auto& [name, value] : *members) {
      if (std::ranges::find(taken_, name) == taken_.end()) {
        return wrong(ErrorCode::kUnknownArgument, name);
      }
    }
    return {};
  }

 private:
  const Json* take(std::string_view name) {
    taken_.emplace_back(name);
    const Json* member = json_ == nullptr ? nullptr : json_->find(name);
    return member == nullptr || member->is_null() ? nullptr : member;
  }

  const Json* json_;
  std::vector<std::string> taken_;
};

base::Result<TraceArguments, Error> trace_arguments(Arguments& arguments) {
  TraceArguments trace;
  TED_TRY(trace.destination, arguments.required_address("destination"));
  TED_TRY(trace.source, arguments.address("source"));
  if (trace.source && trace.source->family() != trace.destination.family()) {
    return wrong(ErrorCode::kBadValue, "source", "an address of the destination's family");
  }
  TED_TRY(const auto protocol, arguments.number("protocol", 255));
  if (protocol) trace.protocol = static_cast<base::Protocol>(*protocol);
  TED_TRY(const auto port, arguments.number("port", 65535));
  if (port) trace.port = static_cast<std::uint16_t>(*port);
  TED_TRY(const auto source_port, arguments.number("source_port", 65535));
  if (source_port) trace.source_port = static_cast<std::uint16_t>(*source_port);
  return trace;
}

Json json(const TraceArguments& trace) {
  Json json = Json::object();
  json.add("destination", trace.destination.text());
  if (trace.source) json.add("source", trace.source->text());
  if (trace.protocol) json.add("protocol", base::number(*trace.protocol));
  if (trace.port) json.add("port", *trace.port);
  if (trace.source_port) json.add("source_port", *trace.source_port);
  return json;
}

base::Result<Command, Error> command_of(const Json& json) {
  const Json* member = json.find("command");
  if (member == nullptr) return std::unexpected(Error{ErrorCode::kMissing, "command", {}});
  const auto* text = member->if_string();
  if (text == nullptr) return std::unexpected(Error{ErrorCode::kWrongType, "command", "a command's name as text"});
  const auto command = command_named(*text);
  if (!command) return std::unexpected(Error{ErrorCode::kUnknownCommand, *text, {}});
  return *command;
}

}  // namespace

std::string_view name(Command command) {
  const auto* found = std::ranges::find(kCommands, command, &NamedCommand::command);
  return found == kCommands.end() ? std::string_view() : found->name;
}

bool changes_something(Command command) {
  switch (command) {
    case Command::kTrace:
    case Command::kReload:
    case Command::kForget:
    case Command::kRelease: return true;
    case Command::kStatus:
    case Command::kTunnels:
    case Command::kPending:
    case Command::kPeers:
    case Command::kObserve:
    case Command::kCounters:
    case Command::kRules:
    case Command::kWhy:
    case Command::kHistory:
    case Command::kWatch: return false;
  }
  return true;
}

std::optional<Command> command_named(std::string_view name) {
  const auto* found = std::ranges::find(kCommands, name, &NamedCommand::name);
  if (found == kCommands.end()) return std::nullopt;
  return found->command;
}

std::string encode(const Request& request) {
  Json line = Json::object();
  line.add("command", name(request.command));
  if (const auto* trace = std::get_if<TraceArguments>(&request.arguments)) line.add("arguments", json(*trace));
  if (const auto* forget = std::get_if<ForgetArguments>(&request.arguments)) {
    line.add("arguments", Json::object().add("peer", forget->peer.text()));
  }
  if (const auto* why = std::get_if<WhyArguments>(&request.arguments)) {
    line.add("arguments", Json::object().add("flow", why->flow.text()));
  }
  return line.dump();
}

base::Result<Request, Error> decode_request(std::string_view line) {
  TED_TRY(const Json json, Json::parse(line, kMaxRequestLine));
  if (json.if_object() == nullptr) return std::unexpected(Error{ErrorCode::kWrongType, "request", "one object a line"});
  Request request;
  TED_TRY(request.command, command_of(json));
  const Json* given = json.find("arguments");
  if (given != nullptr && given->is_null()) given = nullptr;
  if (given != nullptr && given->if_object() == nullptr) {
    return std::unexpected(Error{ErrorCode::kWrongType, "arguments", "an object"});
  }
  Arguments arguments(given);
  if (request.command == Command::kTrace) {
    TED_TRY(request.arguments, trace_arguments(arguments));
  } else if (request.command == Command::kWhy) {
    TED_TRY(const auto flow, arguments.required_flow("flow"));
    request.arguments = WhyArguments{flow};
  } else if (request.command == Command::kForget) {
    TED_TRY(const auto peer, arguments.required_address("peer"));
    request.arguments = ForgetArguments{peer};
  }
  if (auto end = arguments.end(); !end) return std::unexpected(end.error());
  return request;
}

}  // namespace control
