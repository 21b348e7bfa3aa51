// The largest product of two lists around a flow that one policy allows (docs/policy.md): what a tunnel may carry.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/selector_list.hpp"
#include "policy/carve.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// Ends on a side of a tunnel at most: IKEv2 could say 255, and the kernel keeps a policy for each pair.
inline constexpr std::size_t kMaxEnds = 64;

/// What one end tells the other of its policy around a flow: the traffic of its rule, and what of it earlier rules take
/// away. What is left has the rule as its first match.
struct Offer {
  base::SelectorList proxy;  ///< of any shape: masks as they stand in the rule
  std::vector<base::Selector>
      exempt;  ///< in the order of the policy; they may overlap each other and reach beyond `proxy`

  /// The same written for the other end.
  [[nodiscard]] Offer mirrored() const;
  [[nodiscard]] bool contains(const base::Flow& flow) const;

  bool operator==(const Offer&) const = default;
};

/// A product that contains `flow`, in which every flow has `match.rule` as its first match and is in `theirs` (null: no
/// such limit), that the data plane takes to the letter, and to which nothing can be added on either side, in protocol
/// or in ports, within kMaxEnds a side. `match` is the flow's first match. Nothing when `theirs` does not contain it.
[[nodiscard]] std::optional<base::SelectorList> largest_product(const Snapshot& snapshot, const Match& match,
                                                                const base::Flow& flow, DataPlane plane,
                                                                const Offer* theirs = nullptr);

}  // namespace policy
