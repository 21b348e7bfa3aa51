#include "policy/widen.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "policy/piece_cover.hpp"

namespace policy {

namespace {

using base::PortRange;

template <class Word>
bool same_addresses(const Piece<Word>& one, const Piece<Word>& other) {
  return ((one.value ^ other.value) & one.mask & other.mask) == 0;
}

template <class Word>
bool lies_in(const Region<Word>& region, const Piece<Word>& piece) {
  const auto meets_it = [&piece](const Piece<Word>& hole) { return hole.meets(piece); };
  return std::ranges::none_of(region.holes, meets_it) && covers<Word>(region.whole, piece);
}

template <class Word>
std::optional<Piece<Word>> parent(const Piece<Word>& prefix) {
  if (prefix.mask == 0) return std::nullopt;
  const auto mask = static_cast<Word>(prefix.mask & (prefix.mask - 1));
  return Piece<Word>{static_cast<Word>(prefix.value & mask), mask, prefix.port};
}

PortRange doubled(PortRange block) {
  const std::uint32_t size = (static_cast<std::uint32_t>(block.hi) - block.lo + 1) * 2;
  const auto lo = static_cast<std::uint16_t>(block.lo / size * size);
  return {lo, static_cast<std::uint16_t>(lo + size - 1)};
}

// As far as the holes at those addresses let the range reach.
template <class Word>
PortRange reach(const Piece<Word>& piece, const Region<Word>& region) {
  PortRange limit = PortRange::any();
  for (const Piece<Word>& hole : region.holes) {
    if (!same_addresses(hole, piece)) continue;
    if (hole.port.hi < piece.port.lo) limit.lo = std::max(limit.lo, static_cast<std::uint16_t>(hole.port.hi + 1));
    if (hole.port.lo > piece.port.hi) limit.hi = std::min(limit.hi, static_cast<std::uint16_t>(hole.port.lo - 1));
  }
  return limit;
}

template <class Word>
bool take(Piece<Word>& piece, const Region<Word>& region, PortRange range) {
  if (range == piece.port || !covers<Word>(region.whole, {piece.value, piece.mask, range})) return false;
  piece.port = range;
  return true;
}

// One side of the range after the other, to where one of the whole's ranges ends.
template <class Word>
void widen_range(Piece<Word>& piece, const Region<Word>& region) {
  const PortRange limit = reach(piece, region);
  for (bool changed = true; changed;) {
    changed = false;
    for (const Piece<Word>& whole : region.whole) {
      if (!same_addresses(whole, piece)) continue;
      const auto lo = std::min(piece.port.lo, std::max(limit.lo, whole.port.lo));
      const auto hi = std::max(piece.port.hi, std::min(limit.hi, whole.port.hi));
      const bool lower = take(piece, region, {lo, piece.port.hi});
      changed = take(piece, region, {piece.port.lo, hi}) || lower || changed;
    }
  }
}

}  // namespace

template <class Word>
Piece<Word> widened(Piece<Word> piece, const Region<Word>& region, DataPlane plane) {
  for (auto larger = parent(piece); larger && lies_in(region, *larger); larger = parent(*larger)) piece = *larger;
  if (piece.port.is_any()) return piece;
  if (plane == DataPlane::kUserspace) {
    widen_range(piece, region);
    return piece;
  }
  while (!piece.port.is_any() && lies_in(region, {piece.value, piece.mask, doubled(piece.port)})) {
    piece.port = doubled(piece.port);
  }
  return piece;
}

template <class Word>
void widen(std::vector<Piece<Word>>& pieces, const Region<Word>& region, DataPlane plane) {
  std::vector<Piece<Word>> kept;
  for (const Piece<Word>& one : pieces) {
    if (std::ranges::any_of(kept, [&one](const Piece<Word>& other) { return other.covers(one); })) continue;
    const Piece<Word> piece = widened(one, region, plane);
    std::erase_if(kept, [&piece](const Piece<Word>& other) { return piece.covers(other); });
    kept.push_back(piece);
  }
  pieces = std::move(kept);
}

template void widen(std::vector<Piece<std::uint32_t>>&, const Region<std::uint32_t>&, DataPlane);
template void widen(std::vector<Piece<base::Uint128>>&, const Region<base::Uint128>&, DataPlane);
template Piece<std::uint32_t> widened(Piece<std::uint32_t>, const Region<std::uint32_t>&, DataPlane);
template Piece<base::Uint128> widened(Piece<base::Uint128>, const Region<base::Uint128>&, DataPlane);

}  // namespace policy
