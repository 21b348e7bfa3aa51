// What one gateway tells the other of its policy around a flow.
#pragma once

#include <vector>

#include "base/selector_list.hpp"

namespace base {

/// The traffic of a rule, and what of it earlier rules take away. What is left has the rule as its first match.
struct Offer {
  SelectorList proxy;            ///< of any shape: masks as they stand in the rule
  std::vector<Selector> exempt;  ///< in any order; they may overlap each other and reach beyond `proxy`

  /// The same written for the other end.
  [[nodiscard]] Offer mirrored() const;
  [[nodiscard]] bool contains(const Flow& flow) const;

  bool operator==(const Offer&) const = default;
};

}  // namespace base
