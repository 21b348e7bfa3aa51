// Whether lines cover a box together: exact subtraction, with a bound on the work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "policy/rows.hpp"

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

/// Of the lines that touch the box the nearest to covering it divides it, one bit of address or protocol or one edge of
/// a port range at a time, and each half is asked again. `work` is how many times a line may be held against a part of
/// the box; what has been used is taken off it.
template <class Word>
[[nodiscard]] Cover cover(const Row<Word>& box, std::span<const Row<Word>> lines, std::size_t& work);

/// The same question, and an answer to the other half of it: a part of the box that no line touches, when `coverage`
/// is kPart, which shows that there is one. Left as it is otherwise.
template <class Word>
[[nodiscard]] Coverage cover(const Row<Word>& box, std::span<const Row<Word>> lines, std::size_t& work,
                             std::optional<Row<Word>>& rest);

extern template Cover cover(const Row<std::uint32_t>&, std::span<const Row<std::uint32_t>>, std::size_t&);
extern template Cover cover(const Row<base::Uint128>&, std::span<const Row<base::Uint128>>, std::size_t&);
extern template Coverage cover(const Row<std::uint32_t>&, std::span<const Row<std::uint32_t>>, std::size_t&,
                               std::optional<Row<std::uint32_t>>&);
extern template Coverage cover(const Row<base::Uint128>&, std::span<const Row<base::Uint128>>, std::size_t&,
                               std::optional<Row<base::Uint128>>&);

}  // namespace policy
