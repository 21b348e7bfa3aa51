// The last step of a look-up of many keys in a small policy: lines that may contain a key are compared in rounds, one
// for each key that has any left, so that no branch depends on what the network sent.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "policy/block.hpp"

namespace policy {

/// Keys in one call, at most.
inline constexpr std::size_t kRoundKeys = 32;

/// Lines that may contain a key, one bit each.
template <std::size_t kWords>
struct Maybe {
  std::uint32_t set;  ///< the words that are not zero
  std::array<std::uint64_t, kWords> lines;
};

/// Makes `found` of each key the first line that may contain it and, as `contains(line, key)` says, does; kNoLine:
/// none. `found` is as long as `maybe`, which is used up.
template <std::size_t kWords, class Contains>
void compare_in_rounds(std::span<Maybe<kWords>> maybe, Contains contains, std::span<LineIndex> found) {
  static constexpr std::size_t kWordBits = 64;
  std::array<std::uint32_t, kRoundKeys> keys;
  std::size_t count = 0;
  for (std::uint32_t key = 0; key < maybe.size(); ++key) {
    found.data()[key] = kNoLine;
    keys.data()[count] = key;
    count += maybe.data()[key].set != 0 ? 1U : 0U;
  }
  while (count != 0) {
    std::size_t left = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t key = keys.data()[i];
      Maybe<kWords>& some = maybe.data()[key];
      const auto word = static_cast<std::size_t>(std::countr_zero(some.set));
      std::uint64_t& lines = some.lines.data()[word];
      const auto line = static_cast<LineIndex>(word * kWordBits + static_cast<std::size_t>(std::countr_zero(lines)));
      lines &= lines - 1;
      some.set &= some.set - static_cast<std::uint32_t>(lines == 0);  // the lowest one, when nothing is left in it
      const bool hit = contains(line, key);
      found.data()[key] = hit ? line : kNoLine;
      keys.data()[left] = key;
      left += static_cast<std::size_t>(!hit) & static_cast<std::size_t>(some.set != 0);
    }
    count = left;
  }
}

}  // namespace policy
