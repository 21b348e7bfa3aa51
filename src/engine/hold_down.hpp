// How long what failed is left alone, and how timers are kept from running in step.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"
#include "engine/limits.hpp"
#include "engine/ports.hpp"

namespace engine {

/// The hold-down after one more failure, when there were so many in a row before it.
[[nodiscard]] constexpr base::Duration hold_down_after(unsigned failures) {
  constexpr unsigned enough = 8;  // doublings: far past the longest
  return std::min(kHoldDownMax, kHoldDown * (1U << std::min(failures, enough)));
}

/// As long, or longer by up to a part of itself (kJitterDivisor).
[[nodiscard]] inline base::Duration spread(base::Duration wait, Random& random) {
  const auto part = static_cast<std::uint64_t>(wait.count()) / kJitterDivisor;
  return wait + base::Duration(static_cast<base::Duration::rep>(random.jitter(part + 1)));
}

}  // namespace engine
