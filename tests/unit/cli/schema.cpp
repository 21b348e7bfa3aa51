#include "unit/cli/schema.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/hex.hpp"
#include "base/masked_address.hpp"
#include "control/timestamp.hpp"

namespace cli_test {

namespace {

using control::Json;

constexpr std::string_view kList = "list of ";
constexpr std::string_view kMap = "map of ";
constexpr std::string_view kOneOf = "one of ";

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// What stands between each pair of these, in turn.
std::vector<std::string> enclosed(const std::string& text, char open, char close) {
  std::vector<std::string> found;
  for (auto from = text.find(open); from != std::string::npos;) {
    const auto to = text.find(close, from + 1);
    if (to == std::string::npos) break;
    found.push_back(text.substr(from + 1, to - from - 1));
    from = text.find(open, to + 1);
  }
  return found;
}

bool is_ports(const Json& value) {
  const auto* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2) return false;
  return std::ranges::all_of(*pair, [](const Json& port) {
    const auto* number = port.if_integer();
    return number != nullptr && *number >= 0 && *number <= 65535;
  });
}

/// Of the types that need no other part of the page; nothing: there is no such type.
std::optional<bool> fits(const Json& value, const std::string& type) {
  const auto* text = value.if_string();
  if (type == "integer") return value.if_integer() != nullptr;
  if (type == "boolean") return value.if_bool() != nullptr;
  if (type == "ports") return is_ports(value);
  if (type == "integer or `any`") return value.if_integer() != nullptr || (text != nullptr && *text == "any");
  if (type == "text") return text != nullptr;
  if (type == "time") return text != nullptr && control::parse_timestamp(*text);
  if (type == "address") return text != nullptr && base::Address::parse(*text);
  if (type == "network") return text != nullptr && base::MaskedAddress::parse(*text);
  if (type == "flow") return text != nullptr && base::Flow::parse(*text);
  if (type == "hex") return text != nullptr && base::from_hex(*text);
  if (type.starts_with(kOneOf)) {
    const auto values = enclosed(type, '`', '`');
    return text != nullptr && std::ranges::find(values, *text) != values.end();
  }
  return std::nullopt;
}

}  // namespace

Schema::Schema(const std::string& page) {
  std::istringstream lines(page);
  std::string heading;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ") || line.starts_with("### ")) heading = line.substr(line.find(' ') + 1);
    if (line.starts_with("Answer: ")) answers_[heading] = line.substr(8, line.find_first_of(".,;", 8) - 8);
    if (line.starts_with("| `")) read_row(line, heading);
  }
}

void Schema::read_row(const std::string& line, const std::string& heading) {
  std::vector<std::string> cells;
  std::istringstream parts(line.substr(1));
  for (std::string cell; std::getline(parts, cell, '|');) cells.push_back(trimmed(cell));
  if (cells.size() != 4) {
    wrong_.insert(heading + ": a row has not four cells: " + line);
    return;
  }
  shapes_[heading].push_back({.key = enclosed(cells[0], '`', '`').front(),
                              .type = cells[1],
                              .may_be_null = cells[2].contains("null"),
                              .may_be_absent = cells[2].contains("absent")});
}

void Schema::take(const std::string& command, const Json& answer) {
  const auto type = answers_.find(command);
  if (type == answers_.end()) {
    wrong_.insert("the page does not say what " + command + " answers");
  } else {
    compare(answer, type->second, command);
  }
}

void Schema::compare(const Json& value, const std::string& type, const std::string& where) {
  if (type.starts_with(kList)) {
    const auto* list = value.if_array();
    if (list == nullptr) wrong_.insert(where + " is no list");
    for (const Json& one : list == nullptr ? Json::Array{} : *list) compare(one, type.substr(kList.size()), where);
  } else if (type.starts_with(kMap)) {
    const auto* map = value.if_object();
    if (map == nullptr) wrong_.insert(where + " is no object");
    for (const auto& [name, one] : map == nullptr ? Json::Object{} : *map) {
      compare(one, type.substr(kMap.size()), where);
    }
  } else {
    compare_word(value, type, where);
  }
}

void Schema::compare_word(const Json& value, const std::string& type, const std::string& where) {
  if (!type.starts_with('[')) {
    const auto fit = fits(value, type);
    if (!fit) wrong_.insert(where + ": there is no type " + type);
    if (fit && !*fit) wrong_.insert(where + " is not " + type + ": " + value.dump());
    return;
  }
  const auto* object = value.if_object();
  if (object == nullptr) {
    wrong_.insert(where + " is no object");
  } else {
    compare_object(*object, chosen(value, enclosed(type, '[', ']')), where);
  }
}

// Where an answer is one of several, each is known by its first key.
std::string Schema::chosen(const Json& value, const std::vector<std::string>& shapes) const {
  for (const std::string& shape : shapes) {
    const auto rows = shapes_.find(shape);
    if (rows != shapes_.end() && value.find(rows->second.front().key) != nullptr) return shape;
  }
  return shapes.back();
}

void Schema::compare_object(const Json::Object& object, const std::string& shape, const std::string& where) {
  std::vector<Row>& rows = shapes_[shape];
  for (const auto& [key, value] : object) {
    const auto row = std::ranges::find(rows, key, &Row::key);
    const std::string place = where + ": " + shape + "." + key;
    if (row == rows.end()) {
      wrong_.insert(place + " is not on the page");
    } else if (!value.is_null()) {
      row->seen = true;
      compare(value, row->type, place);
    } else if (row->may_be_null) {
      row->seen_null = true;
    } else {
      wrong_.insert(place + " is null");
    }
  }
  for (Row& row : rows) {
    if (std::ranges::find(object, row.key, &Json::Member::first) != object.end()) continue;
    row.seen_absent = true;
    if (!row.may_be_absent) wrong_.insert(where + ": " + shape + "." + row.key + " is absent");
  }
}

std::set<std::string> Schema::unseen() const {
  std::set<std::string> all;
  for (const auto& [shape, rows] : shapes_) {
    for (const Row& row : rows) {
      const std::string place = shape + "." + row.key;
      if (!row.seen) all.insert(place);
      if (row.may_be_null && !row.seen_null) all.insert(place + " null");
      if (row.may_be_absent && !row.seen_absent) all.insert(place + " absent");
    }
  }
  return all;
}

std::set<std::string> Schema::commands() const {
  std::set<std::string> all;
  for (const auto& [command, type] : answers_) all.insert(command);
  return all;
}

}  // namespace cli_test
