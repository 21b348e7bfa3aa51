// First match in a policy of up to some ten thousand IPv4 lines: on a shelf there is a place for each value of one byte
// of the key, and in it the lines that allow that value there.
//
// A line is put on the first shelf at whose byte it allows few values, once for each of them; what is on no such shelf
// is in every place of the last one. A look-up compares the lines of one place of each shelf, sixteen at once. A mask
// of any shape allows values byte by byte, so none is a special case.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "policy/allowed.hpp"
#include "policy/block.hpp"
#include "policy/rows.hpp"

namespace policy {

/// Never changes once built.
class Shelves {
 public:
  /// Lines, at most: of more than that too many share a place.
  static constexpr std::size_t kMaxLines = 16'384;

  Shelves() = default;
  /// `rows` in the order of the policy; a line's index is its position in them.
  explicit Shelves(std::span<const RowV4> rows);

  /// The first line that contains the key; kNoLine: none.
  [[nodiscard]] LineIndex first(const Key<std::uint32_t>& key) const;
  /// The same for many keys at once. `lines` is as long as `keys`.
  void first(std::span<const Key<std::uint32_t>> keys, std::span<LineIndex> lines) const;

  /// What a look-up may take, in about a nanosecond: much where no byte tells the lines apart.
  [[nodiscard]] double cost() const { return cost_; }
  /// Bytes that it holds.
  [[nodiscard]] std::size_t memory() const;

 private:
  struct Place {
    std::uint32_t begin = 0;  ///< in blocks_
    std::uint32_t count = 0;
  };
  struct Shelf {
    std::uint32_t byte = 0;  ///< its position in the key
    LineIndex first_line = kNoLine;
    std::array<Place, 256> places{};
  };

  [[nodiscard]] Place put(std::span<const LineIndex> lines, std::span<const RowV4> rows);

  std::vector<Shelf> shelves_;  ///< in the order of their first lines
  std::vector<Block> blocks_;
  double cost_ = 0;
};

}  // namespace policy
