// Whether lines cover a box together: exact subtraction, with a bound on the work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/selector.hpp"

namespace policy {

enum class Coverage : std::uint8_t {
  kWhole,    ///< no flow of the box is left
  kPart,     ///< some flow is in none of the lines
  kUnknown,  ///< finding out takes more work than was allowed
};

struct Cover {
  Coverage coverage{};
  std::vector<std::size_t> by;  ///< kWhole: indices of lines that together do it, ascending

  bool operator==(const Cover&) const = default;
};

/// `lines` are of the box's family. Of the lines that touch the box the nearest to covering it divides it, one bit of
/// address or protocol or one edge of a port range at a time, and each half is asked again. `work` is how many times a
/// line may be held against a part of the box; what has been used is taken off it.
[[nodiscard]] Cover cover(const base::Selector& box, std::span<const base::Selector> lines, std::size_t& work);

}  // namespace policy
