// Values that follow one another.
#pragma once

#include "base/prefix.hpp"
#include "base/uint128.hpp"

namespace nft {

/// Values from the one to the other.
struct Interval {
  base::Uint128 first{};
  base::Uint128 last{};
};

/// All addresses of the prefix.
[[nodiscard]] inline Interval interval_of(const base::Prefix& prefix) {
  const base::Uint128 first = prefix.network().value();
  return {first, first | (base::all_ones(prefix.family()) & ~base::prefix_mask(prefix.family(), prefix.length()))};
}

}  // namespace nft
