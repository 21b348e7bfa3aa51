// What some traffic has that other traffic lacks: products against products.
#pragma once

#include <optional>
#include <span>

#include "base/selector_list.hpp"
#include "policy/cover.hpp"

namespace policy {

struct Outside {
  Coverage coverage{};                 ///< of the one by the other
  std::optional<base::Selector> part;  ///< kPart: what only the one has; of one protocol

  bool operator==(const Outside&) const = default;
};

/// Whether `others` together hold all that `lists` hold, and if not, a box that is in one of `lists` and in none of
/// `others`. Exact for as long as it takes some milliseconds at most; then kUnknown.
[[nodiscard]] Outside outside(std::span<const base::SelectorList> lists, std::span<const base::SelectorList> others);

/// True when some flow is in both.
[[nodiscard]] bool meet(const base::SelectorList& one, const base::SelectorList& other);

}  // namespace policy
