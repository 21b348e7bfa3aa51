// The part of the guard to which packets without a tunnel go: what is reported, how often, and what passes all the
// same.
#pragma once

#include "platform/nft/guard.hpp"
#include "platform/nft/ruleset_text.hpp"

namespace nft {

/// `catch`, where a line sends what has no tunnel, the chains behind it, and the sets of what was reported lately.
void write_catch_chains(Text& text, const policy::Snapshot& policy, const GuardOptions& options);

/// For the rule of each index that may open: `open_INDEX_to` and `open_INDEX_from`, with their sets of destinations.
void write_opening_chains(Text& text, const policy::Snapshot& policy, std::uint16_t group);

}  // namespace nft
