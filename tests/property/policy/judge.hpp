// What makes selectors sound and exact, judged flow by flow.
#pragma once

#include <bit>
#include <vector>

#include "policy/carve.hpp"
#include "property/policy/universe.hpp"

namespace policy_property {

using base::PortRange;
using base::Selector;
using policy::DataPlane;
using policy::Rule;

inline bool is_block(PortRange range) {
  const unsigned size = range.hi - range.lo + 1U;
  return std::has_single_bit(size) && range.lo % size == 0;
}

inline bool is_exact(const Selector& box, DataPlane plane) {
  const bool limits = !box.local_port.is_any() || !box.remote_port.is_any();
  if (!box.local.prefix() || !box.remote.prefix() || (limits && !box.protocol)) return false;
  if (box.protocol && is_icmp(*box.protocol) && !box.remote_port.is_any() && !box.local_port.is_single()) return false;
  return plane == DataPlane::kUserspace || (is_block(box.local_port) && is_block(box.remote_port));
}

// Every flow of the box has that first rule.
inline bool is_sound(const std::vector<Rule>& rules, const Selector& box, int rule) {
  for (const auto& flow : universe::all_flows()) {
    if (universe::is_in(box, flow) && universe::first_rule(rules, flow) != rule) return false;
  }
  return true;
}

}  // namespace policy_property
