// Sixteen tuples side by side, so that one pass of wide registers asks all of them about a key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "policy/block.hpp"

namespace policy {

/// `kCount` words of a key. A lane that is not in use has no bits and a bucket without tags.
template <std::size_t kCount>
struct TupleLanes {
  static constexpr std::size_t kLanes = 16;
  using Lanes = std::array<std::uint32_t, kLanes>;

  alignas(64) std::array<Lanes, kCount> masks{};  ///< the bits by which lines are filed
  Lanes first_bucket{};
  Lanes shift = filled(31);            ///< of the hash, so that as many bits are left as buckets need; at most 31
  Lanes first_line = filled(kNoLine);  ///< no line in the tuple is earlier

 private:
  static constexpr Lanes filled(std::uint32_t value) {
    Lanes lanes{};
    lanes.fill(value);
    return lanes;
  }
};

/// Keys in one call, at most.
inline constexpr std::size_t kProbedKeys = 32;

/// Buckets to look into, those of one key together and in the order of lanes.
struct Candidates {
  static constexpr std::size_t kLanes = 16;
  std::size_t count = 0;
  std::array<std::uint32_t, (kProbedKeys + 1) * kLanes> keys;  ///< position of the key
  std::array<std::uint32_t, (kProbedKeys + 1) * kLanes> buckets;
};

/// What a line leaves in the tags of its bucket: two bits, so that most keys that are not there are turned away.
[[nodiscard]] constexpr std::uint32_t tag(std::uint32_t hash) {
  return 1U << (hash & 31U) | 1U << (hash >> 5 & 31U);
}

/// Adds to `found`, emptied before, the buckets in which a line earlier than `best` may contain the key. `tags` has one
/// word for each bucket of any tuple; `best` is as long as `keys`.
template <std::size_t kCount>
void probe(const TupleLanes<kCount>& tuples, const std::uint32_t* tags,
           std::span<const std::array<std::uint32_t, kCount>> keys, std::span<const LineIndex> best, Candidates& found);

/// The same without wide registers, for processors that have none.
template <std::size_t kCount>
void probe_anywhere(const TupleLanes<kCount>& tuples, const std::uint32_t* tags,
                    std::span<const std::array<std::uint32_t, kCount>> keys, std::span<const LineIndex> best,
                    Candidates& found);

}  // namespace policy
