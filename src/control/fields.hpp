// Members of an object, written and read by one description: describe(visitor, value) names each member once, and the
// visitor is a FieldWriter or a FieldReader. The tools read their own JSON with the reader, too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "control/json.hpp"
#include "control/named_values.hpp"
#include "control/report.hpp"
#include "control/selector_json.hpp"
#include "control/timestamp.hpp"

namespace control {

inline Json field_json(const std::string& value) {
  return value;
}
inline Json field_json(bool value) {
  return value;
}
inline Json field_json(std::int64_t value) {
  return value;
}
inline Json field_json(std::uint64_t value) {
  return value;
}
inline Json field_json(const base::Address& value) {
  return value.text();
}
inline Json field_json(const base::MaskedAddress& value) {
  return value.text();
}
inline Json field_json(const base::Flow& value) {
  return value.text();
}
inline Json field_json(const base::Selector& value) {
  return selector_json(value);
}
inline Json field_json(Timestamp value) {
  return text(value);
}
// Objects in objects: reply.cpp describes them.
Json field_json(const Tunnel& value);
Json field_json(const Pending& value);
Json field_json(const Event& value);
Json field_json(const Happening& value);
template <class T>
Json field_json(const std::vector<T>& values) {
  Json json = Json::array();
  for (const T& value : values) json.push(field_json(value));
  return json;
}
template <class T>
Json field_json(const NamedValues<T>& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json.add(name, field_json(value));
  return json;
}
template <class T>
Json field_json(const std::optional<T>& value) {
  return value ? field_json(*value) : Json();
}

/// Each gives the code of what is wrong, or nothing.
using Wrong = std::optional<ErrorCode>;

/// Any JSON value, to be looked at by the caller.
Wrong read_field(const Json& json, Json& value);
Wrong read_field(const Json& json, base::MaskedAddress& value);
Wrong read_field(const Json& json, std::string& value);
Wrong read_field(const Json& json, bool& value);
Wrong read_field(const Json& json, std::int64_t& value);
Wrong read_field(const Json& json, std::uint64_t& value);
Wrong read_field(const Json& json, base::Address& value);
Wrong read_field(const Json& json, base::Flow& value);
Wrong read_field(const Json& json, base::Selector& value);
Wrong read_field(const Json& json, Timestamp& value);
Wrong read_field(const Json& json, Tunnel& value);
Wrong read_field(const Json& json, Pending& value);
Wrong read_field(const Json& json, Event& value);
Wrong read_field(const Json& json, Happening& value);

template <class T>
Wrong read_field(const Json& json, std::vector<T>& values) {
  const auto* elements = json.if_array();
  if (elements == nullptr) return ErrorCode::kWrongType;
  for (const Json& element : *elements) {
    if (auto wrong = read_field(element, values.emplace_back())) return wrong;
  }
  return std::nullopt;
}
template <class T>
Wrong read_field(const Json& json, NamedValues<T>& values) {
  const auto* members = json.if_object();
  if (members == nullptr) return ErrorCode::kWrongType;
  for (const auto& [name, json_value] : *members) {
    if (auto wrong = read_field(json_value, values.emplace_back(name, T{}).second)) return wrong;
  }
  return std::nullopt;
}
template <class T>
Wrong read_field(const Json& json, std::optional<T>& value) {
  if (json.is_null()) return std::nullopt;
  return read_field(json, value.emplace());
}

/// Appends each described member to an object.
class FieldWriter {
 public:
  template <class T>
  void operator()(const char* name, const T& value) {
    json_.add(name, field_json(value));
  }
  [[nodiscard]] Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

/// Reads each described member; keeps the first error and reads no further.
class FieldReader {
 public:
  explicit FieldReader(const Json& json) : json_(json) {}

  template <class T>
  void operator()(const char* name, T& value) {
    if (error_) return;
    static const Json kNull;
    const Json* member = json_.find(name);
    if (member == nullptr && !is_optional(value)) {
      error_ = Error{ErrorCode::kMissing, name, {}};
    } else if (auto wrong = read_field(member == nullptr ? kNull : *member, value)) {
      error_ = Error{*wrong, name, {}};
    }
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  template <class T>
  static constexpr bool is_optional(const std::optional<T>& /*value*/) {
    return true;
  }
  template <class T>
  static constexpr bool is_optional(const T& /*value*/) {
    return false;
  }

  const Json& json_;
  std::optional<Error> error_;
};

}  // namespace control
