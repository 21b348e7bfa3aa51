// Where commands write to: answers on standard output, what is wrong on standard error.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text_error.hpp"
#include "control/json.hpp"

namespace cli {

/// One line on standard output, seen at once by whoever reads it. Control characters, which may come from a peer, are
/// written as `\xNN`; line feeds stay.
void print(std::string_view line);

/// The value as one line on standard output.
void print_json(const control::Json& json);

/// `tedctl: MESSAGE` on standard error, and the way out on a line of its own.
void complain(const base::TextError& error);

/// A remark on standard error, for a command that goes on.
void remark(std::string_view text);

/// False when something printed did not arrive, for example on a full disk.
[[nodiscard]] bool output_arrived();

/// Columns as wide as their widest cell, two spaces between them; on a terminal they fit it (columns.hpp). The first
/// row is the heading; alone, it is left out.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// Prints the rows, or `nothing` when there are none.
  void print(std::string_view nothing) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Names and values below each other, the values in one column.
void print_pairs(const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace cli
