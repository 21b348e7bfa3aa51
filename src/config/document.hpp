// A TOML document as a tree of values that know their place in the file. The one file that knows the TOML library is
// document.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace config {

/// From 1.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  auto operator<=>(const Position&) const = default;
};

struct Value;
struct Entry;

using List = std::vector<Value>;
using Table = std::vector<Entry>;

/// A TOML type that no key of ours takes: a float, a date or a time.
struct Foreign {
  std::string_view type;  ///< with its article, of static storage
};

struct Value {
  std::variant<Foreign, std::string, std::int64_t, bool, List, Table> data;
  Position at;

  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&data);
  }
  /// `a string`, `a list`, …
  [[nodiscard]] std::string_view type() const;
};

struct Entry {
  std::string key;
  Position at;
  Value value;
};

struct SyntaxError {
  Position at;
  std::string message;
};

/// The tables of a document, or the first place that is no TOML. The keys of a table are in no particular order.
[[nodiscard]] base::Result<Table, SyntaxError> read_document(std::string_view text);

/// The same in parts: first `take_others` is given all but the rules, then `take_rules` the rules in order, some
/// `piece_bytes` at a time. Most are read without the library (plain_rules.hpp), and none is kept. False when the
/// document cannot be cut (pieces.hpp), be it that it says rules in other ways, or that it is none: what was given is
/// void then, and read_document() has the answer.
[[nodiscard]] bool read_in_pieces(std::string_view text, std::size_t piece_bytes,
                                  const std::function<void(const Table&)>& take_others,
                                  const std::function<void(const List&)>& take_rules);

}  // namespace config
