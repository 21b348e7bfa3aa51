// What was read of a configuration, as text to compare: every place and value, keys in the order of their names.
#pragma once

#include <algorithm>
#include <string>

#include "config/document.hpp"

namespace document_text {

inline std::string text(config::Position at) {
  return "@" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

inline std::string text(config::Table table);

inline std::string text(const config::Value& value) {
  std::string all = std::string(value.type()) + text(value.at) + " ";
  if (const auto* string = value.as<std::string>()) return all + '"' + *string + '"';
  if (const auto* number = value.as<std::int64_t>()) return all + std::to_string(*number);
  if (const auto* flag = value.as<bool>()) return all + (*flag ? "true" : "false");
  if (const auto* table = value.as<config::Table>()) return all + text(*table);
  if (const auto* list = value.as<config::List>()) {
    for (const config::Value& element : *list) all += "\n- " + text(element);
  }
  return all;
}

inline std::string text(config::Table table) {
  std::ranges::sort(table, {}, &config::Entry::key);
  std::string all = "{";
  for (const config::Entry& entry : table) all += "\n" + entry.key + text(entry.at) + " = " + text(entry.value);
  return all + "}";
}

inline std::string text(const base::Result<config::Table, config::SyntaxError>& read) {
  return read ? text(*read) : text(read.error().at) + " " + read.error().message;
}

/// In pieces where it can be cut, and else as a whole.
inline std::string text_in_pieces(std::string_view document, std::size_t piece_bytes) {
  config::Table table;
  config::List rules;
  const bool done = config::read_in_pieces(
      document, piece_bytes, [&](const config::Table& others) { table = others; },
      [&](const config::List& some) { rules.insert(rules.end(), some.begin(), some.end()); });
  if (!done) return text(config::read_document(document));
  const config::Position at = rules.front().at;
  table.push_back({"rule", {at.line, at.column + 2}, {std::move(rules), at}});
  return text(table);
}

}  // namespace document_text
