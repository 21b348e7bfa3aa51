// One side of traffic without its holes, as the shortest list of prefixes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "policy/carve.hpp"
#include "policy/piece.hpp"

namespace policy {

/// Pieces that together are `whole` without `holes`, each a prefix with ports that the data plane takes to the letter;
/// at most `limit` of them, the largest, and always the one with `around`. Nothing when `around` is in a hole or
/// outside of the whole. Masks may have any shape. No two of the pieces could be one. They are disjoint; where they are
/// not all that there is, none of them could grow, and then they may overlap.
///
/// `holes` are in the order of sorted_pieces.hpp, and each is there once: the same at both ends of a tunnel.
///
/// Work is bounded: of a set whose pieces are many and small (a mask with holes) those near `around` are taken.
template <class Word>
[[nodiscard]] std::vector<Piece<Word>> decompose(std::span<const Piece<Word>> whole, std::span<const Piece<Word>> holes,
                                                 const Point<Word>& around, DataPlane plane, std::size_t limit);

/// `pieces`, which lie in `whole` without `holes`, made larger until none can grow and no more find room; `around`
/// breaks ties. For a side whose other side has changed since it was decomposed.
template <class Word>
[[nodiscard]] std::vector<Piece<Word>> extended(std::vector<Piece<Word>> pieces, std::span<const Piece<Word>> whole,
                                                std::span<const Piece<Word>> holes, const Point<Word>& around,
                                                DataPlane plane, std::size_t limit);

extern template std::vector<Piece<std::uint32_t>> decompose(std::span<const Piece<std::uint32_t>>,
                                                            std::span<const Piece<std::uint32_t>>,
                                                            const Point<std::uint32_t>&, DataPlane, std::size_t);
extern template std::vector<Piece<base::Uint128>> decompose(std::span<const Piece<base::Uint128>>,
                                                            std::span<const Piece<base::Uint128>>,
                                                            const Point<base::Uint128>&, DataPlane, std::size_t);
extern template std::vector<Piece<std::uint32_t>> extended(std::vector<Piece<std::uint32_t>>,
                                                           std::span<const Piece<std::uint32_t>>,
                                                           std::span<const Piece<std::uint32_t>>,
                                                           const Point<std::uint32_t>&, DataPlane, std::size_t);
extern template std::vector<Piece<base::Uint128>> extended(std::vector<Piece<base::Uint128>>,
                                                           std::span<const Piece<base::Uint128>>,
                                                           std::span<const Piece<base::Uint128>>,
                                                           const Point<base::Uint128>&, DataPlane, std::size_t);

}  // namespace policy
