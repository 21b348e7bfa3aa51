// The last step of a look-up: the lines of some buckets compared with the keys that they were found for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "policy/block.hpp"
#include "policy/rows.hpp"
#include "policy/words.hpp"

namespace policy {

/// What most keys fail: the part of a line that is values and masks, ports where they are single ones.
template <class Word>
struct alignas(sizeof(Word) == 4 ? 32 : 16) Exact {
  Words<Word> value;
  Words<Word> mask;

  /// Without a branch: what differs depends on what the network sent.
  [[nodiscard]] bool contains(const Words<Word>& key) const {
    std::uint32_t differs = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      differs |= (key.data()[i] ^ value.data()[i]) & mask.data()[i];
    }
    return differs == 0;
  }
};

/// What else there is of a line.
struct Ranges {
  base::PortRange local_port;
  base::PortRange remote_port;
  LineIndex line;

  [[nodiscard]] bool contain(std::uint32_t ports) const {
    return local_port.contains(static_cast<std::uint16_t>(ports >> 16)) &&
           remote_port.contains(static_cast<std::uint16_t>(ports));
  }
};

/// Lines one after the other, at most kMaxRun, that may contain a key.
struct Run {
  std::uint32_t key;    ///< its position
  std::uint32_t begin;  ///< the first line
  std::uint32_t count;
};
inline constexpr std::size_t kMaxRun = 8;

/// Makes `best` of each key the first of itself and the lines in its runs that contain the key. `best` is as long as
/// `keys`.
template <class Word>
void compare(std::span<const Run> runs, const Exact<Word>* exact, const Ranges* ranges,
             std::span<const Words<Word>> keys, std::span<LineIndex> best);

}  // namespace policy
