#include "control/json.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace control {

namespace {

using Document = nlohmann::ordered_json;

/// Builds a Json from the parser's calls; stops it at the depth limit.
class Builder {
 public:
  bool null() { return put(Json()); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return put(static_cast<double>(value));
    }
    return put(static_cast<std::int64_t>(value));
  }
  bool number_float(double value, const std::string& /*text*/) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(Document::binary_t& /*value*/) { return false; }
  bool start_object(std::size_t /*size*/) { return open(Json::object()); }
  bool key(std::string& value) {
    keys_.back() = std::move(value);
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t /*size*/) { return open(Json::array()); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const nlohmann::detail::exception& /*why*/) {
    return false;
  }

  [[nodiscard]] bool too_deep() const { return too_deep_; }
  [[nodiscard]] Json take() { return std::move(root_); }

 private:
  bool put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().if_object() != nullptr) {
      open_.back().add(std::move(keys_.back()), std::move(value));
    } else {
      open_.back().push(std::move(value));
    }
    return true;
  }
  bool open(Json value) {
    if (open_.size() >= static_cast<std::size_t>(Json::kMaxDepth)) {
      too_deep_ = true;
      return false;
    }
    open_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Json value = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return put(std::move(value));
  }

  Json root_;
  std::vector<Json> open_;
  std::vector<std::string> keys_;
  bool too_deep_ = false;
};

Document document(const Json& json) {
  if (const auto* value = json.if_bool()) return *value;
  if (const auto* value = json.if_integer()) return *value;
  if (const auto* value = json.if_double()) return *value;
  if (const auto* value = json.if_string()) return *value;
  if (const auto* elements = json.if_array()) {
    Document array = Document::array();
    for (const Json& element : *elements) array.push_back(document(element));
    return array;
  }
  if (const auto* members = json.if_object()) {
    Document object = Document::object();
    for (const auto& [name, value] : *members) object[name] = document(value);
    return object;
  }
  return nullptr;
}

}  // namespace

Json Json::object() {
  return Object{};
}

Json& Json::add(std::string name, Json value) {
  if (is_null()) value_ = Object{};
  if (auto* members = std::get_if<Object>(&value_)) members->emplace_back(std::move(name), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  if (is_null()) value_ = Array{};
  if (auto* elements = std::get_if<Array>(&value_)) elements->push_back(std::move(value));
  return *this;
}

const Json* Json::find(std::string_view name) const {
  const Object* members = if_object();
  if (members == nullptr) return nullptr;
  for (auto member = members->rbegin(); member != members->rend(); ++member) {
    if (member->first == name) return &member->second;
  }
  return nullptr;
}

std::string Json::dump() const {
  return document(*this).dump(-1, ' ', false, Document::error_handler_t::replace);
}

base::Result<Json, Error> Json::parse(std::string_view text, std::size_t max_length) {
  if (text.size() > max_length) return std::unexpected(Error{ErrorCode::kTooLong, {}, {}});
  // The parser takes a zero byte for the end of the text and would not look behind it.
  if (text.find('\0') != std::string_view::npos) return std::unexpected(Error{ErrorCode::kNotJson, {}, {}});
  Builder builder;
  if (Document::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
  return std::unexpected(Error{builder.too_deep() ? ErrorCode::kTooDeep : ErrorCode::kNotJson, {}, {}});
}

}  // namespace control
