// Rows of cells as lines that fit a width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

using Rows = std::vector<std::vector<std::string>>;

/// Characters of it: bytes that begin one in UTF-8.
[[nodiscard]] std::size_t length_of(std::string_view text);

/// At most so many characters of it; what is cut ends in `…`.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

/// Without what a terminal does something at, which may come from a peer: control characters, marks that turn the
/// direction of text, and bytes that are no UTF-8 are written as `\xNN`. Line feeds stay.
[[nodiscard]] std::string printable(std::string_view text);
/// The same without line feeds, for what is a line among others: no text makes itself the next one.
[[nodiscard]] std::string in_one_line(std::string_view text);

/// `first`, and behind it the words of `text`, which go on below their own begin behind a line feed, and where they are
/// wider than `width` (0: as wide as they like). No line is longer than `width`, but for a word that is, and where
/// `first` leaves no room.
[[nodiscard]] std::vector<std::string> hanging(const std::string& first, std::string_view text, std::size_t width);

/// The words of `text` in lines of that `width` (0: as wide as they like), set in by two from the second line on.
[[nodiscard]] std::vector<std::string> folded(std::string_view text, std::size_t width);

/// A line of a table, and the row that it is of: the first is 0.
struct TableLine {
  std::string text;
  std::size_t row = 0;
};

/// The rows below each other, columns as wide as their widest cell and two spaces apart; the first row is the heading.
/// Where they are wider than `width` (0: as wide as they like) the last column goes on in the next line, below itself;
/// where that has no room, each row becomes a block of lines, `HEADING  cell`. No line is longer than `width`, but for
/// a word that is.
[[nodiscard]] std::vector<TableLine> lay_out(const Rows& rows, std::size_t width);

}  // namespace cli
