// Where a document may be cut, so that its rules are read some at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace config {

struct Piece {
  std::string_view text;
  std::uint32_t first_line = 1;  ///< in the file
};

/// Of a piece, or a rule more: one that is not plain makes the library read few others with it.
inline constexpr std::size_t kPieceBytes = 16 << 10;

/// The document, cut before lines that are `[[rule]]` and nothing else: what is before the first of them, and rules a
/// piece at a time. When each piece is a document for itself, the first says nothing of rules, and the others nothing
/// else, they say together what the whole says. A cut inside a value leaves a piece that is no document, for the value
/// does not end in it.
[[nodiscard]] std::vector<Piece> cut_at_rules(std::string_view text, std::size_t piece_bytes);

}  // namespace config
