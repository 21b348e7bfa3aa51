// For a flow that no rule takes: the rule that would, but for one part.
#pragma once

#include <optional>
#include <string>

#include "base/flow.hpp"
#include "policy/snapshot.hpp"

namespace policy {

struct NearMiss {
  RuleIndex rule{};
  std::string part;  ///< both values: `remote: 10.1.0.0/17 does not hold 10.1.200.5`

  bool operator==(const NearMiss&) const = default;
};

/// The first such protect rule, of those that a bounded search looks at.
[[nodiscard]] std::optional<NearMiss> near_miss(const Snapshot& snapshot, const base::Flow& flow);

}  // namespace policy
