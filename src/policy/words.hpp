// A key, and what a line names of it, as 32-bit words: both families are hashed by the same code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "policy/rows.hpp"

namespace policy {

template <class Word>
inline constexpr std::size_t kWords = (2 * sizeof(Word) / sizeof(std::uint32_t)) + 2;

/// Which word holds the ports.
template <class Word>
inline constexpr std::size_t kPortsWord = kWords<Word> - 2;

/// How many words an address has.
template <class Word>
inline constexpr std::size_t kAddressWords = (kWords<Word> - 2) / 2;

/// Both addresses, both ports in one, the protocol.
template <class Word>
using Words = std::array<std::uint32_t, kWords<Word>>;

template <class Word>
[[nodiscard]] constexpr Words<Word> to_words(Word local, Word remote, std::uint32_t ports, std::uint32_t protocol) {
  static constexpr std::size_t kAddress = kAddressWords<Word>;
  Words<Word> words{};
  for (std::size_t i = 0; i < kAddress; ++i) {
    words[i] = static_cast<std::uint32_t>(local >> (32 * i));
    words[kAddress + i] = static_cast<std::uint32_t>(remote >> (32 * i));
  }
  words[2 * kAddress] = ports;
  words[(2 * kAddress) + 1] = protocol;
  return words;
}

constexpr std::uint32_t both_ports(std::uint16_t local, std::uint16_t remote) {
  return static_cast<std::uint32_t>(local) << 16 | remote;
}

template <class Word>
[[nodiscard]] constexpr Words<Word> to_words(const Key<Word>& key) {
  return to_words<Word>(key.from, key.to, both_ports(key.from_port, key.to_port), key.protocol);
}

/// The values that the line names; elsewhere whatever they are.
template <class Word>
[[nodiscard]] constexpr Words<Word> to_words(const Row<Word>& row) {
  return to_words<Word>(row.local, row.remote, both_ports(row.local_port.lo, row.remote_port.lo), row.protocol);
}

/// The bits that the line names: a port where it is a single one, no bit of a range.
template <class Word>
[[nodiscard]] constexpr Words<Word> named_bits(const Row<Word>& row) {
  const auto port = [](base::PortRange range) { return range.is_single() ? std::uint16_t{0xffff} : std::uint16_t{0}; };
  return to_words<Word>(row.local_mask, row.remote_mask, both_ports(port(row.local_port), port(row.remote_port)),
                        row.protocol_mask);
}

/// True when every bit of `few` is in `many`.
template <std::size_t kCount>
[[nodiscard]] constexpr bool is_within(const std::array<std::uint32_t, kCount>& few,
                                       const std::array<std::uint32_t, kCount>& many) {
  std::uint32_t more = 0;
  for (std::size_t i = 0; i < kCount; ++i) more |= few[i] & ~many[i];
  return more == 0;
}

// --- hashing: without a dependency from word to word, so that wide registers keep busy ---

inline constexpr std::array<std::uint32_t, 10> kOddNumbers = {0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f,
                                                              0x165667b1, 0xd3a2646d, 0xfd7046c5, 0xb55a4f09,
                                                              0x8f1bbcdd, 0x6ed9eba1};
inline constexpr std::uint32_t kLastNumber = 0x2c1b3c6d;

/// The share of word `index` in a sum that finish_hash() makes a hash of. Its upper bits are folded onto the lower
/// first: a short prefix has nothing else.
[[nodiscard]] constexpr std::uint32_t hash_share(std::uint32_t word, std::size_t index) {
  return (word ^ word >> 16) * kOddNumbers[index];
}

/// All bits of it are good.
[[nodiscard]] constexpr std::uint32_t finish_hash(std::uint32_t sum) {
  const std::uint32_t mixed = (sum ^ sum >> 15) * kLastNumber;
  return mixed ^ mixed >> 16;
}

template <std::size_t kCount>
[[nodiscard]] constexpr std::uint32_t hash(const std::array<std::uint32_t, kCount>& words,
                                           const std::array<std::uint32_t, kCount>& mask) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kCount; ++i) sum += hash_share(words[i] & mask[i], i);
  return finish_hash(sum);
}

}  // namespace policy
