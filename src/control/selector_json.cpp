#include "control/selector_json.hpp"

namespace control {

namespace {

std::unexpected<Error> wrong(ErrorCode code, const char* where, std::string hint = {}) {
  return std::unexpected(Error{code, where, std::move(hint)});
}

base::Result<std::optional<base::Protocol>, Error> protocol_of(const Json& json) {
  const Json* member = json.find("protocol");
  if (member == nullptr) return wrong(ErrorCode::kMissing, "protocol");
  if (const auto* text = member->if_string(); text != nullptr && *text == "any") return std::nullopt;
  const auto* number = member->if_integer();
  if (number == nullptr || *number < 0 || *number > 255) {
    return wrong(ErrorCode::kBadValue, "protocol", "a number from 0 to 255, or \"any\"");
  }
  return static_cast<base::Protocol>(*number);
}

base::Result<base::MaskedAddress, Error> address_of(const Json& json, const char* where) {
  const Json* member = json.find(where);
  if (member == nullptr) return wrong(ErrorCode::kMissing, where);
  const auto* text = member->if_string();
  if (text == nullptr) return wrong(ErrorCode::kWrongType, where, "text such as \"10.1.0.0/16\"");
  auto address = base::MaskedAddress::parse(*text);
  if (!address) return wrong(ErrorCode::kBadValue, where, address.error().message);
  return *address;
}

std::optional<std::uint16_t> port(const Json& json) {
  const auto* number = json.if_integer();
  if (number == nullptr || *number < 0 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

base::Result<base::PortRange, Error> range_of(const Json& json, const char* where) {
  const Json* member = json.find(where);
  if (member == nullptr) return wrong(ErrorCode::kMissing, where);
  const auto* pair = member->if_array();
  const char* const hint = "two ports, [lo, hi]";
  if (pair == nullptr || pair->size() != 2) return wrong(ErrorCode::kWrongType, where, hint);
  const auto low = port((*pair)[0]);
  const auto high = port((*pair)[1]);
  if (!low || !high || *low > *high) return wrong(ErrorCode::kBadValue, where, hint);
  return base::PortRange{*low, *high};
}

}  // namespace

Json port_range_json(base::PortRange range) {
  return Json::Array{range.lo, range.hi};
}

Json selector_json(const base::Selector& selector) {
  Json json = Json::object();
  json.add("protocol", selector.protocol ? Json(base::number(*selector.protocol)) : Json("any"));
  json.add("local", selector.local.text()).add("remote", selector.remote.text());
  json.add("local_port", port_range_json(selector.local_port));
  json.add("remote_port", port_range_json(selector.remote_port));
  return json;
}

Json selector_json(const std::optional<base::Selector>& selector) {
  return selector ? selector_json(*selector) : Json();
}

base::Result<base::Selector, Error> selector_of(const Json& json) {
  if (json.if_object() == nullptr) return wrong(ErrorCode::kWrongType, "selector", "an object");
  base::Selector selector;
  TED_TRY(selector.protocol, protocol_of(json));
  TED_TRY(selector.local, address_of(json, "local"));
  TED_TRY(selector.remote, address_of(json, "remote"));
  if (selector.local.family() != selector.remote.family()) {
    return wrong(ErrorCode::kBadValue, "remote", "an address of the family of \"local\"");
  }
  TED_TRY(selector.local_port, range_of(json, "local_port"));
  TED_TRY(selector.remote_port, range_of(json, "remote_port"));
  return selector;
}

}  // namespace control
