// JSON as a plain value: what the lines of the control socket and the output of the tools are made of. The parser
// behind it is chosen in json.cpp alone.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "control/error.hpp"

namespace control {

/// A JSON value. Objects keep the order in which members were added, so that output is the same to the byte.
class Json {
 public:
  /// A name and its value.
  using Member = std::pair<std::string, Json>;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;

  /// null
  Json() = default;
  // Conversions on purpose: a value of one of these kinds is a JSON value without loss.
  // NOLINTBEGIN(google-explicit-constructor)
  Json(std::nullptr_t) {}
  Json(std::same_as<bool> auto value) : value_(value) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Json(T value) : value_(static_cast<std::int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] static Json array() { return Array{}; }
  [[nodiscard]] static Json object();

  /// Appends a member to an object; a null becomes an object first. Gives back the object, so that calls chain.
  Json& add(std::string name, Json value);
  /// Appends an element to an array; a null becomes an array first.
  Json& push(Json value);

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  /// Each gives nothing (nullptr) when the value is of another kind. A number with a fraction or beyond 63 bits is no
  /// integer.
  [[nodiscard]] const bool* if_bool() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const std::int64_t* if_integer() const { return std::get_if<std::int64_t>(&value_); }
  [[nodiscard]] const double* if_double() const { return std::get_if<double>(&value_); }
  [[nodiscard]] const std::string* if_string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const Array* if_array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Object* if_object() const { return std::get_if<Object>(&value_); }

  /// The member of that name, the last one where a name is given twice; nullptr when there is none or this is no
  /// object.
  [[nodiscard]] const Json* find(std::string_view name) const;

  /// One line without a line feed. Bytes that are no UTF-8 become U+FFFD; a number that JSON has no text for, null.
  [[nodiscard]] std::string dump() const;

  /// One JSON value, with nothing but white space around it. Errors: kTooLong above `max_length` bytes, kTooDeep beyond
  /// kMaxDepth, kNotJson. Neither time nor memory grow faster than the text.
  [[nodiscard]] static base::Result<Json, Error> parse(std::string_view text, std::size_t max_length);

  /// Arrays and objects inside each other.
  static constexpr int kMaxDepth = 16;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_;
};

}  // namespace control
