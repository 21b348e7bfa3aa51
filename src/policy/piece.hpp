// Ends in the width of their family: what the algebra computes with, because 32 bits cost a fraction of 128.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "base/selector_list.hpp"
#include "base/uint128.hpp"

namespace policy {

/// Bits of an address in that `Word`: 32 or 128.
template <class Word>
inline constexpr unsigned kWidth = sizeof(Word) * 8;

[[nodiscard]] constexpr unsigned leading_zeros(std::uint32_t word) {
  return static_cast<unsigned>(std::countl_zero(word));
}
[[nodiscard]] constexpr unsigned leading_zeros(base::Uint128 word) {
  const auto high = static_cast<std::uint64_t>(word >> 64);
  const int zeros = high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<std::uint64_t>(word));
  return static_cast<unsigned>(zeros);
}

[[nodiscard]] constexpr int ones(std::uint32_t word) {
  return std::popcount(word);
}
[[nodiscard]] constexpr int ones(base::Uint128 word) {
  return std::popcount(static_cast<std::uint64_t>(word)) + std::popcount(static_cast<std::uint64_t>(word >> 64));
}

/// The mask of `length` leading ones.
template <class Word>
[[nodiscard]] constexpr Word leading_ones(unsigned length) {
  return length == 0 ? Word{0} : static_cast<Word>(~Word{0} << (kWidth<Word> - length));
}

/// How many ones it begins with.
template <class Word>
[[nodiscard]] constexpr unsigned length_of(Word mask) {
  const auto zeros = static_cast<Word>(~mask);
  return zeros == 0 ? kWidth<Word> : leading_zeros(zeros);
}
/// True when no one follows a zero.
template <class Word>
[[nodiscard]] constexpr bool is_prefix(Word mask) {
  const auto zeros = static_cast<Word>(~mask);
  return (zeros & static_cast<Word>(zeros + 1)) == 0;
}

/// P's own address and port on a side.
template <class Word>
struct Point {
  Word address{};
  std::uint16_t port = 0;
};

/// A base::SelectorEnd. `Word` holds an address: 32 bits for IPv4, else 128. Bits of the value under a zero of the mask
/// are zero.
template <class Word>
struct Piece {
  Word value{};
  Word mask{};
  base::PortRange port;

  [[nodiscard]] constexpr bool meets(const Piece& other) const {
    return ((value ^ other.value) & mask & other.mask) == 0 && port.lo <= other.port.hi && other.port.lo <= port.hi;
  }
  /// True when every point of `other` is in this one.
  [[nodiscard]] constexpr bool covers(const Piece& other) const {
    return (mask & ~other.mask) == 0 && ((value ^ other.value) & mask) == 0 && port.covers(other.port);
  }
  [[nodiscard]] constexpr bool contains(const Point<Word>& point) const {
    return ((point.address ^ value) & mask) == 0 && port.contains(point.port);
  }
  /// The points in both, which meet.
  [[nodiscard]] constexpr Piece common(const Piece& other) const {
    return {static_cast<Word>(value | other.value),
            static_cast<Word>(mask | other.mask),
            {std::max(port.lo, other.port.lo), std::min(port.hi, other.port.hi)}};
  }
  /// How much of the family's addresses and ports it is, from 0 to 1. Exact: a small number times a power of two.
  [[nodiscard]] double share() const {
    static constexpr std::uint64_t kBias = 1023;  // of a double's exponent, behind 52 bits of fraction
    const auto power = std::bit_cast<double>((kBias - 16 - static_cast<std::uint64_t>(ones(mask))) << 52);
    return (port.hi - port.lo + 1) * power;
  }

  constexpr bool operator==(const Piece&) const = default;
};

/// What pieces are sorted by where both ends of a tunnel must come to the same.
template <class Word>
[[nodiscard]] constexpr auto key_of(const Piece<Word>& piece) {
  return std::tuple(piece.mask, piece.value, piece.port.lo, piece.port.hi);
}

/// The smallest prefix around all of them, with any ports; there is at least one.
template <class Word>
[[nodiscard]] Piece<Word> covering(std::span<const Piece<Word>> pieces) {
  Word open = 0;  // bits in which they are not one
  for (const Piece<Word>& piece : pieces) open |= (pieces.front().value ^ piece.value) | ~piece.mask;
  const auto mask = leading_ones<Word>(open == 0 ? kWidth<Word> : leading_zeros(open));
  return {static_cast<Word>(pieces.front().value & mask), mask, {}};
}

/// The family of the end must be the one of `Word`.
template <class Word>
[[nodiscard]] Piece<Word> to_piece(const base::SelectorEnd& end) {
  return {static_cast<Word>(end.address.address().value()), static_cast<Word>(end.address.mask()), end.port};
}
template <class Word>
[[nodiscard]] base::SelectorEnd to_end(const Piece<Word>& piece) {
  static constexpr base::Family kFamily = kWidth<Word> == 32 ? base::Family::kV4 : base::Family::kV6;
  return {base::MaskedAddress(base::Address(kFamily, piece.value), piece.mask), piece.port};
}

template <class Word>
[[nodiscard]] std::vector<base::SelectorEnd> to_ends(std::span<const Piece<Word>> pieces) {
  std::vector<base::SelectorEnd> ends;
  ends.reserve(pieces.size());
  for (const Piece<Word>& piece : pieces) ends.push_back(to_end(piece));
  return ends;
}

}  // namespace policy
