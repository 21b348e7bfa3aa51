// Pieces in the order of their addresses: those inside of a prefix follow each other.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "policy/piece.hpp"

namespace policy {

/// By address, then mask, so that of prefixes a wider one comes ahead of what it holds; then ports.
template <class Word>
[[nodiscard]] constexpr bool precedes(const Piece<Word>& one, const Piece<Word>& other) {
  if (one.value != other.value) return one.value < other.value;
  if (one.mask != other.mask) return one.mask < other.mask;
  return std::pair(one.port.lo, one.port.hi) < std::pair(other.port.lo, other.port.hi);
}

/// Sorts `items`, each by the piece that `piece_of` gives of it; of those with equal pieces any may come first. Many
/// are dealt out octet by octet of their addresses, which takes a fraction of the comparisons' time.
template <class Word, class Item, class PieceOf>
void sort_pieces(std::vector<Item>& items, const PieceOf& piece_of) {
  const auto comes_first = [&piece_of](const Item& one, const Item& other) {
    return precedes<Word>(piece_of(one), piece_of(other));
  };
  static constexpr std::size_t kFew = 256;
  if (items.size() <= kFew) {
    std::ranges::sort(items, comes_first);
    return;
  }
  static constexpr std::size_t kOctets = sizeof(Word);
  const auto octet = [&piece_of](const Item& item, std::size_t i) {
    return static_cast<std::uint8_t>(piece_of(item).value >> (8 * i));
  };
  std::array<std::array<std::uint32_t, 256>, kOctets> counts{};
  for (const Item& item : items) {
    for (std::size_t i = 0; i < kOctets; ++i) ++counts[i][octet(item, i)];
  }
  std::vector<Item> dealt(items.size());
  for (std::size_t i = 0; i < kOctets; ++i) {
    auto& places = counts[i];
    if (places[octet(items.front(), i)] == items.size()) continue;  // all have the same there
    std::exclusive_scan(places.begin(), places.end(), places.begin(), std::uint32_t{0});
    for (const Item& item : items) dealt[places[octet(item, i)]++] = item;
    items.swap(dealt);
  }
  for (auto begin = items.begin(); begin != items.end();) {
    const auto end = std::find_if(begin, items.end(),
                                  [&](const Item& item) { return piece_of(item).value != piece_of(*begin).value; });
    if (end - begin > 1) std::sort(begin, end, comes_first);
    begin = end;
  }
}

/// Puts `piece` behind `sorted`, unless the last one there covers it: the same again, or what lies in a wider prefix.
/// `piece` precedes none of `sorted`.
template <class Word>
void append(std::vector<Piece<Word>>& sorted, const Piece<Word>& piece) {
  if (sorted.empty() || !sorted.back().covers(piece)) sorted.push_back(piece);
}

/// Both together, sorted. `sorted` is; `more` need not be.
template <class Word>
[[nodiscard]] std::vector<Piece<Word>> merged(std::span<const Piece<Word>> sorted, std::vector<Piece<Word>> more) {
  sort_pieces<Word>(more, [](const Piece<Word>& piece) { return piece; });
  std::vector<Piece<Word>> both;
  both.reserve(sorted.size() + more.size());
  std::ranges::merge(sorted, more, std::back_inserter(both), precedes<Word>);
  return both;
}

}  // namespace policy
