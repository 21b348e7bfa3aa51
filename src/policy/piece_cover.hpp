// Whether some ends together hold all of another, masks of any shape among them.
#pragma once

#include <cstdint>
#include <span>

#include "policy/piece.hpp"

namespace policy {

/// True when every point of `piece` is in one of `pieces`. False, too, when finding out takes too long: of many masks
/// with holes that only together cover it.
template <class Word>
[[nodiscard]] bool covers(std::span<const Piece<Word>> pieces, const Piece<Word>& piece);

extern template bool covers(std::span<const Piece<std::uint32_t>>, const Piece<std::uint32_t>&);
extern template bool covers(std::span<const Piece<base::Uint128>>, const Piece<base::Uint128>&);

}  // namespace policy
