// Sixteen IPv4 lines side by side, so that one pass of wide registers compares them all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "policy/rows.hpp"

namespace policy {

/// Position of a line in its policy's order; kNoLine: none.
using LineIndex = std::uint32_t;
inline constexpr LineIndex kNoLine = std::numeric_limits<LineIndex>::max();

/// Lanes are in the order of their lines; a lane whose line is kNoLine is empty.
struct Block {
  static constexpr std::size_t kLanes = 16;
  using Lanes = std::array<std::uint32_t, kLanes>;

  alignas(64) Lanes local{};
  Lanes local_mask{};
  Lanes remote{};
  Lanes remote_mask{};
  Lanes low_ports{};   ///< the lowest local port in the upper half, the lowest remote one in the lower
  Lanes more_ports{};  ///< how many more there are of each
  Lanes protocol{};    ///< and in the second byte its mask
  Lanes line = filled(kNoLine);

  void set(std::size_t lane, const RowV4& row, LineIndex index);
  /// The line in that lane as a row; its `rule` is the line's index.
  [[nodiscard]] RowV4 row(std::size_t lane) const;

 private:
  static constexpr Lanes filled(std::uint32_t value) {
    Lanes lanes{};
    lanes.fill(value);
    return lanes;
  }
};

/// The first line of the blocks, which are in order, that contains the key, when it is before `before`; else `before`.
[[nodiscard]] LineIndex first_in(std::span<const Block> blocks, const Key<std::uint32_t>& key,
                                 LineIndex before = kNoLine);
/// The same for many keys at once. `lines` is as long as `keys`.
void first_in(std::span<const Block> blocks, std::span<const Key<std::uint32_t>> keys, std::span<LineIndex> lines);
/// The same without wide registers, for processors that have none.
[[nodiscard]] LineIndex first_in_anywhere(std::span<const Block> blocks, const Key<std::uint32_t>& key,
                                          LineIndex before = kNoLine);

/// Blocks one after the other in which a key is looked for.
struct BlockRun {
  std::uint32_t key;    ///< its position
  std::uint32_t begin;  ///< the first block
  std::uint32_t count;
};
/// Makes `best` of each key the first of itself and the lines in its runs that contain the key. `best` is as long as
/// `keys`; those of one run are in order.
void first_in(const Block* blocks, std::span<const BlockRun> runs, std::span<const Key<std::uint32_t>> keys,
              std::span<LineIndex> best);
/// The same without wide registers.
void first_in_anywhere(const Block* blocks, std::span<const BlockRun> runs, std::span<const Key<std::uint32_t>> keys,
                       std::span<LineIndex> best);

/// One bit for each lane of the block whose line shares a flow with `box`.
[[nodiscard]] std::uint32_t overlaps(const Block& block, const RowV4& box);

}  // namespace policy
