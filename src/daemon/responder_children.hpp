// What charon is told to accept from peers: the traffic of the rules that respond.
#pragma once

#include <span>
#include <vector>

#include "platform/vici/config.hpp"
#include "policy/rule.hpp"

namespace tedd {

/// A child for each rule that responds. charon looks at every child for each request, so beyond 256 rules, and for a
/// rule of more than 4,096 pairs of addresses, one child stands for all of them: the prefixes around what they protect
/// on each side, at most 64 of a family, with any protocol and ports. charon narrows a request to that, which is more
/// than policy allows; the engine judges every CHILD_SA, as it does in any case, because charon never knows earlier
/// lines.
[[nodiscard]] std::vector<vici::Child> responder_children(std::span<const policy::Rule> rules);

}  // namespace tedd
