// A plan as chains of the guard: how a large policy is asked.
#pragma once

#include <string>
#include <string_view>

#include "platform/nft/match.hpp"
#include "platform/nft/ruleset_text.hpp"
#include "policy/guard_plan.hpp"

namespace nft {

/// The chain that drops everything until release_hold_ruleset().
inline constexpr std::string_view kHold = "hold";

/// The chains of both families' steps (`to4_7`, `from6_3`), and `entry`, which a hook jumps to. Outbound, what passes
/// is accepted; inbound it returns from `entry`. Lines carry no counter and no comment; what is dropped is counted in
/// `blocked` and `refused`. Packets must be whole: fragments behind the first match no ports.
void write_plan(Text& text, const policy::GuardPlan& plan, Direction direction, const std::string& entry);

}  // namespace nft
