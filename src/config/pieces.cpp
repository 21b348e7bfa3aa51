#include "config/pieces.hpp"

#include <algorithm>

namespace config {

namespace {

constexpr std::string_view kLine = "\n[[rule]]\n";

/// Where the first such line that begins at `from` or behind it begins, or the end.
std::size_t next_cut(std::string_view text, std::size_t from) {
  if (from == 0 && text.starts_with(kLine.substr(1))) return 0;
  const std::size_t found = text.find(kLine, std::max<std::size_t>(from, 1) - 1);
  return found == std::string_view::npos ? text.size() : found + 1;
}

}  // namespace

std::vector<Piece> cut_at_rules(std::string_view text, std::size_t piece_bytes) {
  std::vector<Piece> pieces;
  std::uint32_t line = 1;
  std::size_t begin = 0;
  for (std::size_t end = next_cut(text, 0);; end = next_cut(text, std::min(text.size(), begin + piece_bytes))) {
    const std::string_view piece = text.substr(begin, end - begin);
    pieces.push_back({piece, line});
    if (end == text.size()) return pieces;
    line += static_cast<std::uint32_t>(std::ranges::count(piece, '\n'));
    begin = end;
  }
}

}  // namespace config
