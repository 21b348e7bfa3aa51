// Where commands write to: answers on standard output, what is wrong on standard error.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text_error.hpp"
#include "cli/tone.hpp"
#include "control/json.hpp"

namespace cli {

/// One line on standard output, seen at once by whoever reads it. Control characters, which may come from a peer, are
/// written as `\xNN`; line feeds stay. In its tone where standard output is a terminal with colours.
void print(std::string_view line, Tone tone = Tone::kPlain);

/// `first` and `text` behind it, as print() does; on a terminal words that do not fit go on below the first of them.
void print_hanging(const std::string& first, std::string_view text, Tone tone = Tone::kPlain);

/// `text` as print() does; on a terminal words that do not fit go on in the next line, set in.
void print_folded(std::string_view text, Tone tone = Tone::kPlain);

/// A part of a line that goes on later; seen at once, too.
void print_part(std::string_view text);

/// `text` as one line among others, whatever it has in it.
void print_line(std::string_view text);

/// The value as one line on standard output.
void print_json(const control::Json& json);
/// That line: what a terminal does something at is escaped as JSON has it.
[[nodiscard]] std::string json_text(const control::Json& json);

/// `tedctl: MESSAGE` on standard error, and the way out on a line of its own; on a terminal words that do not fit go on
/// below, as those of remark() do.
void complain(const base::TextError& error);

/// A remark on standard error, for a command that goes on.
void remark(std::string_view text);

/// False when something printed did not arrive, for example on a full disk.
[[nodiscard]] bool output_arrived();

/// Columns as wide as their widest cell, two spaces between them; on a terminal they fit it (columns.hpp). The first
/// row is the heading; alone, it is left out. Each row has its tone, on a terminal with colours.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
  void add(std::vector<std::string> row, Tone tone = Tone::kPlain) {
    rows_.push_back(std::move(row));
    tones_.push_back(tone);
  }
  /// Prints the rows, or `nothing` when there are none.
  void print(std::string_view nothing) const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<Tone> tones_{Tone::kHeading};  ///< of each row
};

struct Pair {
  std::string name;
  std::string value;
  Tone tone = Tone::kPlain;
};

using Pairs = std::vector<Pair>;

/// Names and values below each other, the values in one column, in which they go on where the terminal ends.
void print_pairs(const Pairs& pairs);

}  // namespace cli
