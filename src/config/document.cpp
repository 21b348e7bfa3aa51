#include "config/document.hpp"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <array>
#include <toml++/toml.h>

namespace config {

namespace {

Position position(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

Value convert(const toml::node& node);

Table convert_table(const toml::table& table) {
  Table entries;
  entries.reserve(table.size());
  for (const auto& [key, node] : table) {
    entries.push_back({std::string(key.str()), position(key.source()), convert(node)});
  }
  return entries;
}

std::string_view foreign_type(const toml::node& node) {
  if (node.is_floating_point()) return "a fraction";
  if (node.is_date()) return "a date";
  if (node.is_time()) return "a time";
  return "a date with a time";
}

Value convert(const toml::node& node) {
  Value value{Foreign{}, position(node.source())};
  if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* number = node.as_integer()) {
    value.data = number->get();
  } else if (const auto* flag = node.as_boolean()) {
    value.data = flag->get();
  } else if (const auto* array = node.as_array()) {
    List list;
    list.reserve(array->size());
    for (const auto& element : *array) list.push_back(convert(element));
    value.data = std::move(list);
  } else if (const auto* table = node.as_table()) {
    value.data = convert_table(*table);
  } else {
    value.data = Foreign{foreign_type(node)};
  }
  return value;
}

}  // namespace

std::string_view Value::type() const {
  static constexpr std::array<std::string_view, 6> kTypes = {"",           "a string", "an integer",
                                                             "true/false", "a list",   "a table"};
  if (const auto* foreign = as<Foreign>()) return foreign->type;
  return kTypes[data.index()];
}

base::Result<Table, SyntaxError> read_document(std::string_view text) {
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    return std::unexpected(SyntaxError{position(result.error().source()), std::string(result.error().description())});
  }
  return convert_table(result.table());
}

}  // namespace config
