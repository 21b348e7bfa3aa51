#include "control/fields.hpp"

namespace control {

namespace {

/// Reads text and gives it to `parse`, whose result says with its truth whether it understood.
template <class T, class Parse>
Wrong read_text(const Json& json, T& value, Parse parse) {
  const auto* text = json.if_string();
  if (text == nullptr) return ErrorCode::kWrongType;
  const auto parsed = parse(*text);
  if (!parsed) return ErrorCode::kBadValue;
  value = *parsed;
  return std::nullopt;
}

}  // namespace

Wrong read_field(const Json& json, Json& value) {
  value = json;
  return std::nullopt;
}

Wrong read_field(const Json& json, base::MaskedAddress& value) {
  return read_text(json, value, base::MaskedAddress::parse);
}

Wrong read_field(const Json& json, std::string& value) {
  const auto* text = json.if_string();
  if (text == nullptr) return ErrorCode::kWrongType;
  value = *text;
  return std::nullopt;
}

Wrong read_field(const Json& json, bool& value) {
  const auto* truth = json.if_bool();
  if (truth == nullptr) return ErrorCode::kWrongType;
  value = *truth;
  return std::nullopt;
}

Wrong read_field(const Json& json, std::int64_t& value) {
  const auto* number = json.if_integer();
  if (number == nullptr) return ErrorCode::kWrongType;
  value = *number;
  return std::nullopt;
}

Wrong read_field(const Json& json, std::uint64_t& value) {
  const auto* number = json.if_integer();
  if (number == nullptr) return ErrorCode::kWrongType;
  if (*number < 0) return ErrorCode::kBadValue;
  value = static_cast<std::uint64_t>(*number);
  return std::nullopt;
}

Wrong read_field(const Json& json, base::Address& value) {
  return read_text(json, value, base::Address::parse);
}

Wrong read_field(const Json& json, base::Flow& value) {
  return read_text(json, value, base::Flow::parse);
}

Wrong read_field(const Json& json, Timestamp& value) {
  return read_text(json, value, parse_timestamp);
}

Wrong read_field(const Json& json, base::Selector& value) {
  auto selector = selector_of(json);
  if (!selector) return selector.error().code;
  value = *selector;
  return std::nullopt;
}

}  // namespace control
