// Values that follow one another.
#pragma once

#include "base/uint128.hpp"

namespace nft {

/// Values from the one to the other.
struct Interval {
  base::Uint128 first{};
  base::Uint128 last{};
};

}  // namespace nft
