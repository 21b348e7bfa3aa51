#include "policy/decompose.hpp"

#include <algorithm>

#include "policy/decomposition.hpp"
#include "policy/join.hpp"
#include "policy/port_sets.hpp"
#include "policy/sorted_pieces.hpp"
#include "policy/untaken.hpp"
#include "policy/widen.hpp"

namespace policy {

namespace {

// Times that pieces are widened and the room is filled again; each makes what is covered larger, and few need three.
constexpr std::size_t kMaxRounds = 16;

// True when what the tree of prefixes finds cannot grow: beside one prefix's holes of all ports the prefix above a
// piece meets a hole, or it would have been the piece.
template <class Word>
bool is_grown(const Region<Word>& region, DataPlane plane) {
  return region.whole.size() == 1 && is_prefix(region.whole.front().mask) &&
         is_expressible(region.whole.front().port, plane) &&
         std::ranges::all_of(region.holes, [](const Piece<Word>& hole) { return hole.port.is_any(); });
}

// Not all that there is: what was found must not be able to grow, and where that makes room, more is taken; the largest
// first as long as the tree of prefixes shows them, then whatever is free.
template <class Word>
void extend(std::vector<Piece<Word>>& found, const Region<Word>& region, const Point<Word>& around, DataPlane plane,
            std::size_t limit) {
  for (std::size_t round = 0; round < kMaxRounds; ++round) {
    widen(found, region, plane);
    const std::size_t before = found.size();
    if (before >= limit) return;
    const auto taken = merged(region.holes, found);
    if (Decomposition<Word>({region.whole, taken}, around, plane, limit, found).fill() && found.size() < limit) return;
    if (found.size() == before) break;
  }
  add_untaken<Word>(found, region, around, plane, limit);
}

// Small first differences: what is one makes fewer nodes. Covered ones and masks with holes stay as they are.
template <class Word>
std::vector<Piece<Word>> tidied(std::span<const Piece<Word>> pieces) {
  std::vector<Piece<Word>> all(pieces.begin(), pieces.end());
  join(all, DataPlane::kUserspace);
  return all;
}

// True when the pieces are what is asked for already: disjoint prefixes with ports that the plane takes.
template <class Word>
bool are_final(std::span<const Piece<Word>> pieces, DataPlane plane) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece<Word>& piece = pieces[i];
    if (piece.mask != leading_ones<Word>(length_of(piece.mask)) || !is_expressible(piece.port, plane)) return false;
    const auto share_addresses = [&piece](const Piece<Word>& other) {
      return ((piece.value ^ other.value) & piece.mask & other.mask) == 0;
    };
    if (std::ranges::any_of(pieces.first(i), share_addresses)) return false;
  }
  return true;
}

}  // namespace

template <class Word>
std::vector<Piece<Word>> decompose(std::span<const Piece<Word>> whole, std::span<const Piece<Word>> holes,
                                   const Point<Word>& around, DataPlane plane, std::size_t limit) {
  if (whole.empty()) return {};
  const auto wholes = tidied(whole);
  if (holes.empty() && wholes.size() <= limit && are_final<Word>(wholes, plane)) {
    const bool has_point = std::ranges::any_of(wholes, [&](const auto& one) { return one.contains(around); });
    return has_point ? wholes : std::vector<Piece<Word>>{};
  }
  const Region<Word> region{wholes, holes};
  std::vector<Piece<Word>> found;
  Decomposition<Word> tree(region, around, plane, limit, found);
  if (!tree.take_around()) return found;
  const bool is_all = tree.fill() && found.size() < limit;  // as large as may be: a full list may have to be widened
  if (!is_all && !(found.size() >= limit && is_grown(region, plane))) extend(found, region, around, plane, limit);
  return found;
}

template <class Word>
std::vector<Piece<Word>> extended(std::vector<Piece<Word>> pieces, std::span<const Piece<Word>> whole,
                                  std::span<const Piece<Word>> holes, const Point<Word>& around, DataPlane plane,
                                  std::size_t limit) {
  const auto wholes = tidied(whole);
  extend(pieces, {wholes, holes}, around, plane, limit);
  return pieces;
}

template std::vector<Piece<std::uint32_t>> decompose(std::span<const Piece<std::uint32_t>>,
                                                     std::span<const Piece<std::uint32_t>>, const Point<std::uint32_t>&,
                                                     DataPlane, std::size_t);
template std::vector<Piece<base::Uint128>> decompose(std::span<const Piece<base::Uint128>>,
                                                     std::span<const Piece<base::Uint128>>, const Point<base::Uint128>&,
                                                     DataPlane, std::size_t);
template std::vector<Piece<std::uint32_t>> extended(std::vector<Piece<std::uint32_t>>,
                                                    std::span<const Piece<std::uint32_t>>,
                                                    std::span<const Piece<std::uint32_t>>, const Point<std::uint32_t>&,
                                                    DataPlane, std::size_t);
template std::vector<Piece<base::Uint128>> extended(std::vector<Piece<base::Uint128>>,
                                                    std::span<const Piece<base::Uint128>>,
                                                    std::span<const Piece<base::Uint128>>, const Point<base::Uint128>&,
                                                    DataPlane, std::size_t);

}  // namespace policy
