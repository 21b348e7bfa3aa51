// Pieces that are one.
#pragma once

#include <cstdint>
#include <vector>

#include "policy/carve.hpp"
#include "policy/piece.hpp"

namespace policy {

/// Makes one of any two pieces that together are one which the data plane takes, until there are no such two: the same
/// addresses with ports that follow each other, or the same ports with addresses that differ in the last bit of their
/// mask. Pieces that cover each other stay as they are. Sorted afterwards.
template <class Word>
void join(std::vector<Piece<Word>>& pieces, DataPlane plane);

extern template void join(std::vector<Piece<std::uint32_t>>&, DataPlane);
extern template void join(std::vector<Piece<base::Uint128>>&, DataPlane);

}  // namespace policy
