// What keys a structure is built for, while nobody knows what the network will send.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "policy/block.hpp"
#include "policy/rows.hpp"

namespace policy {

template <class Word>
struct Sample {
  Key<Word> key;
  LineIndex line;  ///< a line that contains it
};

/// At most `count` keys that fall on lines evenly; what a line does not name is anything. The same for the same rows.
template <class Word>
[[nodiscard]] std::vector<Sample<Word>> draw_samples(std::span<const Row<Word>> rows, std::size_t count) {
  std::minstd_rand random;
  const auto address = [&random](Word value, Word mask) {
    Word anything = 0;
    for (std::size_t i = 0; i < sizeof(Word); i += 2)
      anything = static_cast<Word>(anything << 16) | (random() >> 8 & 0xffffU);
    return static_cast<Word>((value & mask) | (anything & static_cast<Word>(~mask)));
  };
  const auto port = [&random](base::PortRange range) {
    return static_cast<std::uint16_t>(range.lo + (random() >> 8) % (range.hi - range.lo + 1U));
  };
  std::vector<Sample<Word>> samples;
  samples.reserve(count);
  const std::size_t step = std::max<std::size_t>(1, rows.size() / count);
  for (std::size_t i = 0; i < rows.size() && samples.size() < count; i += step) {
    const Row<Word>& row = rows[i];
    samples.push_back({{address(row.local, row.local_mask), address(row.remote, row.remote_mask), port(row.local_port),
                        port(row.remote_port), row.protocol_mask != 0 ? row.protocol : std::uint8_t{6}},
                       static_cast<LineIndex>(i)});
  }
  return samples;
}

}  // namespace policy
