#include "control/reply.hpp"

#include <concepts>
#include <type_traits>

#include "control/fields.hpp"

namespace control {

// Each describe() is the list of an object's members, in the order in which they are written. A reader is given the
// struct, a writer a constant one.
namespace {

template <class T, class Struct>
concept Is = std::same_as<std::remove_const_t<T>, Struct>;

void describe(auto& field, Is<Status> auto& status) {
  field("version", status.version);
  field("pid", status.pid);
  field("state", status.state);
  field("since", status.since);
  field("uptime_ms", status.uptime_ms);
  field("data_plane", status.data_plane);
  field("charon_connected", status.charon_connected);
  field("charon_version", status.charon_version);
  field("addresses", status.addresses);
  field("interfaces", status.interfaces);
  field("rules", status.rules);
  field("tunnels", status.tunnels);
  field("pending", status.pending);
  field("peers", status.peers);
  field("guard", status.guard);
  field("openings", status.openings);
  field("shield", status.shield);
  field("config", status.config);
  field("loaded", status.loaded);
  field("reload_error", status.reload_error);
  field("mode", status.mode);
  field("discovery_keys", status.discovery_keys);
  field("discovery_signs", status.discovery_signs);
  field("discovery_required", status.discovery_required);
  field("flowtables", status.flowtables);
  field("ports", status.ports);
  field("missing", status.missing);
}

void describe(auto& field, Is<Tunnel> auto& tunnel) {
  field("peer", tunnel.peer);
  field("rule", tunnel.rule);
  field("state", tunnel.state);
  field("selectors", tunnel.selectors);
  field("since", tunnel.since);
  field("cookie", tunnel.cookie);
  field("initiator", tunnel.initiator);
  field("identity", tunnel.identity);
  field("form", tunnel.form);
  field("renewed", tunnel.renewed);
  field("id", tunnel.id);
}

void describe(auto& field, Is<Pending> auto& pending) {
  field("rule", pending.rule);
  field("destination", pending.destination);
  field("flow", pending.flow);
  field("state", pending.state);
  field("attempts", pending.attempts);
  field("next_ms", pending.next_ms);
  field("cookie", pending.cookie);
  field("reason", pending.reason);
  field("open", pending.open);
}

void describe(auto& field, Is<Peer> auto& peer) {
  field("address", peer.address);
  field("tunnels", peer.tunnels);
  field("last_seen_ms", peer.last_seen_ms);
  field("rtt_us", peer.rtt_us);
  field("form", peer.form);
  field("proof", peer.proof);
  field("identity", peer.identity);
  field("certificate_until", peer.certificate_until);
}

void describe(auto& field, Is<Observation> auto& one) {
  field("rule", one.rule);
  field("finding", one.finding);
  field("peer", one.peer);
  field("peer_observes", one.peer_observes);
  field("selectors", one.selectors);
  field("flow", one.flow);
  field("reason", one.reason);
  field("flows", one.flows);
  field("first", one.first);
  field("last", one.last);
  field("asked", one.asked);
}

void describe(auto& field, Is<RuleInfo> auto& rule) {
  field("name", rule.name);
  field("action", rule.action);
  field("lines", rule.lines);
  field("discover", rule.discover);
  field("respond", rule.respond);
  field("on_failure", rule.on_failure);
  field("first_packet", rule.first_packet);
  field("hits", rule.hits);
  field("local_interfaces", rule.local_interfaces);
  field("remote_interfaces", rule.remote_interfaces);
  field("draft", rule.draft);
  field("authenticated", rule.authenticated);
  field("disclose", rule.disclose);
  field("askers", rule.askers);
}

void describe(auto& field, Is<TraceResult> auto& trace) {
  field("flow", trace.flow);
  field("answered", trace.answered);
  field("gateway", trace.gateway);
  field("rtt_us", trace.rtt_us);
  field("proxy", trace.proxy);
  field("attempts", trace.attempts);
  field("reason", trace.reason);
  field("form", trace.form);
  field("half_proxy", trace.half_proxy);
  field("offered", trace.offered);
  field("exempt", trace.exempt);
  field("tunnel", trace.tunnel);
  field("proof", trace.proof);
}

void describe(auto& field, Is<Why> auto& why) {
  field("flow", why.flow);
  field("verdict", why.verdict);
  field("rule", why.rule);
  field("because", why.because);
  field("tunnels", why.tunnels);
  field("pending", why.pending);
  field("steps", why.steps);
  field("advice", why.advice);
}

void describe(auto& field, Is<Happening> auto& happening) {
  field("id", happening.id);
  field("time", happening.time);
  field("text", happening.text);
  field("rule", happening.rule);
  field("flow", happening.flow);
  field("peer", happening.peer);
  field("tunnel", happening.tunnel);
  field("selectors", happening.selectors);
}

void describe(auto& field, Is<History> auto& history) {
  field("forgotten", history.forgotten);
  field("happenings", history.happenings);
}

void describe(auto& field, Is<Done> auto& done) {
  field("text", done.text);
  field("count", done.count);
  field("remarks", done.remarks);
}

void describe(auto& field, Is<Event> auto& event) {
  field("id", event.id);
  field("time", event.time);
  field("text", event.text);
  field("fields", event.fields);
}

template <class T>
Json json(const T& value) {
  FieldWriter writer;
  describe(writer, value);
  return writer.take();
}
template <class T>
Json json(const std::vector<T>& values) {
  Json json_values = Json::array();
  for (const T& value : values) json_values.push(json(value));
  return json_values;
}
Json json(const Counters& counters) {
  return field_json(counters.values);
}
Json json(std::monostate /*nothing*/) {
  return {};
}

template <class T>
base::Result<void, Error> read(const Json& json, T& value) {
  if (json.if_object() == nullptr) return std::unexpected(Error{ErrorCode::kWrongType, "data", "an object"});
  FieldReader reader(json);
  describe(reader, value);
  if (const auto& wrong = reader.error()) return std::unexpected(*wrong);
  return {};
}
template <class T>
base::Result<void, Error> read(const Json& json, std::vector<T>& values) {
  const auto* elements = json.if_array();
  if (elements == nullptr) return std::unexpected(Error{ErrorCode::kWrongType, "data", "a list"});
  for (const Json& element : *elements) {
    if (auto done = read(element, values.emplace_back()); !done) return done;
  }
  return {};
}
base::Result<void, Error> read(const Json& json, Counters& counters) {
  const auto wrong = read_field(json, counters.values);
  if (wrong) return std::unexpected(Error{*wrong, "data", "an object of numbers"});
  return {};
}

template <class T>
base::Result<Data, Error> data_as(const Json& json) {
  T value;
  if (auto done = read(json, value); !done) return std::unexpected(done.error());
  return Data(std::move(value));
}

base::Result<Data, Error> data_of(const Json& json, Command command) {
  switch (command) {
    case Command::kStatus: return data_as<Status>(json);
    case Command::kTunnels: return data_as<std::vector<Tunnel>>(json);
    case Command::kPending: return data_as<std::vector<Pending>>(json);
    case Command::kPeers: return data_as<std::vector<Peer>>(json);
    case Command::kObserve: return data_as<std::vector<Observation>>(json);
    case Command::kCounters: return data_as<Counters>(json);
    case Command::kRules: return data_as<std::vector<RuleInfo>>(json);
    case Command::kTrace: return data_as<TraceResult>(json);
    case Command::kWhy: return data_as<Why>(json);
    case Command::kHistory: return data_as<History>(json);
    case Command::kReload:
    case Command::kForget:
    case Command::kRelease: return data_as<Done>(json);
    case Command::kWatch: break;
  }
  return Data();
}

base::Result<base::TextError, Error> failure_of(const Json& json) {
  base::TextError error;
  const Json* member = json.find("error");
  if (member == nullptr) return std::unexpected(Error{ErrorCode::kMissing, "error", {}});
  FieldReader reader(*member);
  reader("message", error.message);
  reader("hint", error.hint);
  if (const auto& wrong = reader.error()) return std::unexpected(*wrong);
  return error;
}

template <class T>
Wrong read_object(const Json& json, T& value) {
  const auto done = read(json, value);
  return done ? std::nullopt : Wrong(done.error().code);
}

}  // namespace

Json field_json(const Tunnel& value) {
  return json(value);
}
Json field_json(const Pending& value) {
  return json(value);
}
Json field_json(const Event& value) {
  return json(value);
}
Json field_json(const Happening& value) {
  return json(value);
}
Wrong read_field(const Json& json, Tunnel& value) {
  return read_object(json, value);
}
Wrong read_field(const Json& json, Pending& value) {
  return read_object(json, value);
}
Wrong read_field(const Json& json, Event& value) {
  return read_object(json, value);
}
Wrong read_field(const Json& json, Happening& value) {
  return read_object(json, value);
}

Json data_json(const Data& data) {
  return std::visit([](const auto& value) { return json(value); }, data);
}

Json event_json(const Event& event) {
  return json(event);
}

std::string encode(const Reply& reply) {
  Json line = Json::object();
  line.add("ok", reply.ok);
  if (reply.ok) {
    line.add("data", data_json(reply.data));
  } else {
    line.add("error", Json::object().add("message", reply.error.message).add("hint", reply.error.hint));
  }
  return line.dump();
}

std::string encode(const Event& event) {
  return event_json(event).dump();
}

base::Result<Reply, Error> decode_reply(std::string_view line, Command command) {
  TED_TRY(const Json json, Json::parse(line, kMaxReplyLine));
  Reply reply;
  FieldReader reader(json);
  reader("ok", reply.ok);
  if (const auto& wrong = reader.error()) return std::unexpected(*wrong);
  if (!reply.ok) {
    TED_TRY(reply.error, failure_of(json));
    return reply;
  }
  static const Json kNothing;
  const Json* data = json.find("data");
  TED_TRY(reply.data, data_of(data == nullptr ? kNothing : *data, command));
  return reply;
}

base::Result<Event, Error> decode_event(std::string_view line) {
  TED_TRY(const Json json, Json::parse(line, kMaxReplyLine));
  Event event;
  if (auto done = read(json, event); !done) return std::unexpected(done.error());
  return event;
}

}  // namespace control
