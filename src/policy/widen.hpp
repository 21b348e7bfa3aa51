// Pieces that can grow no more: for lists that may not have all the pieces there are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "policy/carve.hpp"
#include "policy/piece.hpp"

namespace policy {

/// The points of `whole` that are in none of `holes`; masks may have any shape.
template <class Word>
struct Region {
  std::span<const Piece<Word>> whole;
  std::span<const Piece<Word>> holes;
};

/// Makes each of `pieces`, which are prefixes inside the region, as large as the data plane takes it there: first the
/// prefix shorter, then the ports wider. Those that another one then covers are left out; others may come to overlap.
template <class Word>
void widen(std::vector<Piece<Word>>& pieces, const Region<Word>& region, DataPlane plane);

/// One of them.
template <class Word>
[[nodiscard]] Piece<Word> widened(Piece<Word> piece, const Region<Word>& region, DataPlane plane);

extern template void widen(std::vector<Piece<std::uint32_t>>&, const Region<std::uint32_t>&, DataPlane);
extern template void widen(std::vector<Piece<base::Uint128>>&, const Region<base::Uint128>&, DataPlane);
extern template Piece<std::uint32_t> widened(Piece<std::uint32_t>, const Region<std::uint32_t>&, DataPlane);
extern template Piece<base::Uint128> widened(Piece<base::Uint128>, const Region<base::Uint128>&, DataPlane);

}  // namespace policy
