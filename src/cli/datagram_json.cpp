#include "cli/datagram_json.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/hex.hpp"
#include "cli/capability.hpp"
#include "control/fields.hpp"
#include "control/selector_json.hpp"
#include "wire/limits.hpp"

namespace cli {

namespace {

using control::Json;

/// The JSON object, member by member: what a probe and a response have between them.
struct Members {
  std::string kind;
  std::string icookie;
  std::optional<std::string> rcookie;
  base::Address gateway;
  std::optional<base::MaskedAddress> half_proxy;
  std::optional<std::vector<std::string>> capabilities;
  std::optional<bool> vendor;
  std::optional<Json> summary;
  std::optional<base::Selector> proxy;
  std::optional<Json> list;
  std::optional<std::int64_t> length;
  std::optional<Json> proof;
};

constexpr const char* kGive = "give what `tedctl --json decode` prints of a datagram";

std::unexpected<base::TextError> wrong(std::string message, std::string hint = kGive) {
  return std::unexpected(base::TextError{std::move(message), std::move(hint)});
}

Json summary_json(const base::Flow& flow) {
  Json json = Json::object();
  json.add("ip_version", flow.source.family() == base::Family::kV4 ? 4 : 6);
  json.add("protocol", base::number(flow.protocol));
  json.add("src", flow.source.text()).add("dst", flow.destination.text());
  json.add("sport", flow.source_port).add("dport", flow.destination_port);
  return json;
}

Json capabilities_json(const std::optional<wire::Capabilities>& capabilities) {
  Json json = Json::array();
  for (auto& name : capability_names(capabilities.value_or(wire::Capabilities{}))) json.push(std::move(name));
  return json;
}

/// The members that both messages have, from the cookies on.
void add_common(Json& json, const auto& message, const wire::Cookie& rcookie) {
  json.add("icookie", base::to_hex(message.initiator_cookie)).add("rcookie", base::to_hex(rcookie));
  json.add("gateway", message.gateway.text());
  json.add("half_proxy", message.half_proxy ? Json(message.half_proxy->text()) : Json());
  json.add("capabilities", capabilities_json(message.capabilities));
  if (!message.capabilities) json.add("vendor", false);
}

Json message_json(const wire::Probe& probe) {
  Json json = Json::object();
  json.add("kind", "probe").add("form", probe.summary ? "v3" : "draft");
  add_common(json, probe, probe.echo);
  json.add("summary", probe.summary ? summary_json(*probe.summary) : Json()).add("proxy", nullptr);
  return json;
}

Json ends_json(const std::vector<base::SelectorEnd>& ends) {
  Json json = Json::array();
  for (const auto& end : ends) {
    json.push(Json::object().add("address", end.address.text()).add("port", control::port_range_json(end.port)));
  }
  return json;
}

Json list_json(const wire::ListOffer& list) {
  const auto& proxy = list.offer.proxy;
  Json exempt = Json::array();
  for (const auto& line : list.offer.exempt) exempt.push(control::selector_json(line));
  Json json = Json::object();
  json.add("protocol", proxy.protocol ? Json(base::number(*proxy.protocol)) : Json("any"));
  json.add("local", ends_json(proxy.local)).add("remote", ends_json(proxy.remote));
  json.add("exempt", std::move(exempt)).add("ranges", list.takes_ranges);
  return json;
}

Json message_json(const wire::Response& response) {
  Json json = Json::object();
  json.add("kind", "response").add("form", response.proxy ? "v3" : response.asks_for_echo() ? "echo" : "draft");
  add_common(json, response, response.responder_cookie);
  json.add("summary", nullptr).add("proxy", control::selector_json(response.proxy));
  if (response.list) json.add("list", list_json(*response.list));
  return json;
}

base::Result<Members, base::TextError> members_of(const Json& json) {
  if (json.if_object() == nullptr) return wrong("it is no object", "give what `tedctl --json decode` prints");
  Members members;
  control::FieldReader field(json);
  field("kind", members.kind);
  field("icookie", members.icookie);
  field("rcookie", members.rcookie);
  field("gateway", members.gateway);
  field("half_proxy", members.half_proxy);
  field("capabilities", members.capabilities);
  field("vendor", members.vendor);
  field("summary", members.summary);
  field("proxy", members.proxy);
  field("list", members.list);
  field("length", members.length);
  field("proof", members.proof);
  if (const auto& error = field.error()) return wrong(control::describe(*error).message);
  return members;
}

base::Result<wire::Cookie, base::TextError> cookie_of(const char* name, const std::string& text) {
  wire::Cookie cookie{};
  const auto bytes = base::from_hex(text);
  if (!bytes || bytes->size() != cookie.size()) {
    return wrong(fmt::format("\"{}\" is no cookie", name), "eight bytes in hex: sixteen digits");
  }
  std::ranges::copy(*bytes, cookie.begin());
  return cookie;
}

base::Result<std::optional<wire::Capabilities>, base::TextError> capabilities_of(const Members& members) {
  wire::Capabilities all;
  for (const auto& name : members.capabilities.value_or(std::vector<std::string>())) {
    const auto one = capability_named(name);
    if (!one) return wrong(fmt::format("there is no capability \"{}\"", name), "selector-list, keyed-hash, signature");
    all.bits |= one->bits;
  }
  if (members.vendor.value_or(true)) return all;
  if (all.bits != 0) return wrong("\"vendor\" is false, but capabilities need the vendor payload");
  return std::nullopt;
}

base::Result<std::optional<base::Flow>, base::TextError> summary_of(const std::optional<Json>& json) {
  if (!json) return std::nullopt;
  base::Flow flow;
  std::int64_t protocol = 0;
  std::int64_t source_port = 0;
  std::int64_t destination_port = 0;
  control::FieldReader field(*json);
  field("protocol", protocol);
  field("src", flow.source);
  field("dst", flow.destination);
  field("sport", source_port);
  field("dport", destination_port);
  if (const auto& error = field.error()) return wrong("the summary: " + control::describe(*error).message);
  const auto fits = [](std::int64_t value, std::int64_t max) { return value >= 0 && value <= max; };
  if (!fits(protocol, 255) || !fits(source_port, 65535) || !fits(destination_port, 65535)) {
    return wrong("the summary: a number is out of range");
  }
  if (flow.source.family() != flow.destination.family())
    return wrong("the summary: \"src\" and \"dst\" differ in family");
  flow.protocol = static_cast<base::Protocol>(protocol);
  flow.source_port = static_cast<std::uint16_t>(source_port);
  flow.destination_port = static_cast<std::uint16_t>(destination_port);
  return flow;
}

base::Result<wire::Message, base::TextError> probe_of(const Members& members) {
  wire::Probe probe;
  TED_TRY(probe.initiator_cookie, cookie_of("icookie", members.icookie));
  TED_TRY(const auto rcookie, cookie_of("rcookie", members.rcookie.value_or("0000000000000000")));
  probe.echo = rcookie;
  if (members.proxy) return wrong("a probe has no proxy", "a summary says what it is for");
  probe.gateway = members.gateway;
  probe.half_proxy = members.half_proxy;
  TED_TRY(probe.capabilities, capabilities_of(members));
  TED_TRY(probe.summary, summary_of(members.summary));
  return probe;
}

base::Result<std::vector<base::SelectorEnd>, base::TextError> ends_of(const std::vector<Json>& list) {
  std::vector<base::SelectorEnd> ends;
  for (const Json& json : list) {
    std::vector<std::int64_t> ports;
    base::SelectorEnd end;
    control::FieldReader field(json);
    field("address", end.address);
    field("port", ports);
    if (const auto& error = field.error()) return wrong("an end of the list: " + control::describe(*error).message);
    const auto fits = [](std::int64_t port) { return port >= 0 && port <= 65535; };
    if (ports.size() != 2 || !std::ranges::all_of(ports, fits)) {
      return wrong("an end of the list: \"port\" is no range", "two numbers from 0 to 65535");
    }
    end.port = {static_cast<std::uint16_t>(ports[0]), static_cast<std::uint16_t>(ports[1])};
    ends.push_back(end);
  }
  if (ends.empty() || ends.size() > wire::kMaxOfferEnds) return wrong("a side of the list has no ends, or too many");
  return ends;
}

base::Result<std::optional<wire::ListOffer>, base::TextError> list_of(const std::optional<Json>& json) {
  if (!json) return std::nullopt;
  wire::ListOffer list;
  Json protocol;
  std::vector<Json> local;
  std::vector<Json> remote;
  control::FieldReader field(*json);
  field("protocol", protocol);
  field("local", local);
  field("remote", remote);
  field("exempt", list.offer.exempt);
  field("ranges", list.takes_ranges);
  if (const auto& error = field.error()) return wrong("the list: " + control::describe(*error).message);
  if (const auto* number = protocol.if_integer()) list.offer.proxy.protocol = static_cast<base::Protocol>(*number);
  TED_TRY(list.offer.proxy.local, ends_of(local));
  TED_TRY(list.offer.proxy.remote, ends_of(remote));
  if (list.offer.exempt.size() > wire::kMaxOfferEnds) return wrong("the list has too many exemptions");
  return list;
}

base::Result<wire::Message, base::TextError> response_of(const Members& members) {
  wire::Response response;
  TED_TRY(response.initiator_cookie, cookie_of("icookie", members.icookie));
  TED_TRY(response.responder_cookie, cookie_of("rcookie", members.rcookie.value_or("")));
  if (members.summary) return wrong("a response has no summary", "a proxy says what it covers");
  response.gateway = members.gateway;
  response.half_proxy = members.half_proxy;
  TED_TRY(response.capabilities, capabilities_of(members));
  response.proxy = members.proxy;
  TED_TRY(response.list, list_of(members.list));
  return response;
}

}  // namespace

Json datagram_json(const Datagram& datagram) {
  Json json = std::visit([](const auto& message) { return message_json(message); }, datagram.message);
  if (datagram.proof) json.add("proof", proof_json(*datagram.proof));
  if (datagram.length) json.add("length", *datagram.length);
  return json;
}

Json error_json(const wire::DecodeError& error) {
  return Json::object().add("error", wire::name(error.what)).add("offset", error.offset);
}

base::Result<Datagram, base::TextError> datagram_of(const Json& json) {
  TED_TRY(const Members members, members_of(json));
  Datagram datagram;
  if (members.kind == "probe") {
    TED_TRY(datagram.message, probe_of(members));
  } else if (members.kind == "response") {
    TED_TRY(datagram.message, response_of(members));
  } else {
    return wrong(fmt::format("\"kind\" cannot be \"{}\"", members.kind), "probe or response");
  }
  if (members.length && *members.length < 0) return wrong("\"length\" is negative");
  if (members.length) datagram.length = static_cast<std::size_t>(*members.length);
  if (members.proof) {
    TED_TRY(datagram.proof, proof_of(*members.proof));
  }
  return datagram;
}

}  // namespace cli
