// Pieces of a region that a list does not have yet: for regions too rich to be cut up as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "policy/carve.hpp"
#include "policy/piece.hpp"
#include "policy/widen.hpp"

namespace policy {

/// Adds to `found` pieces that cannot grow, each with a point of the region that the others do not have, until there is
/// no such point, `limit` is reached, or the work is too much; pieces that a new one covers are left out. Free points
/// are looked for among what holes say, not in the tree of prefixes: masks whose bits lie low cost no more than others.
/// Of what is free, what shares bits with `around` comes first. The same for the same sets in the same order.
template <class Word>
void add_untaken(std::vector<Piece<Word>>& found, const Region<Word>& region, const Point<Word>& around,
                 DataPlane plane, std::size_t limit);

extern template void add_untaken(std::vector<Piece<std::uint32_t>>&, const Region<std::uint32_t>&,
                                 const Point<std::uint32_t>&, DataPlane, std::size_t);
extern template void add_untaken(std::vector<Piece<base::Uint128>>&, const Region<base::Uint128>&,
                                 const Point<base::Uint128>&, DataPlane, std::size_t);

}  // namespace policy
