// The part of the guard to which packets without a tunnel go: what is reported, how often, and what passes all the
// same.
#pragma once

#include "platform/nft/guard.hpp"
#include "platform/nft/ruleset_text.hpp"

namespace nft {

/// `catch` and, when a rule holds first packets, `hold`, where a line sends what has no tunnel; the chains behind them,
/// and the sets of what was reported lately.
void write_catch_chains(Text& text, const policy::Snapshot& policy, const GuardOptions& options);

/// True when tedd keeps what has no tunnel.
[[nodiscard]] bool holds(const policy::Rule& rule);

/// The one of these to which a rule that discovers sends what has no tunnel.
[[nodiscard]] std::string_view catch_chain(const policy::Rule& rule);

/// For the rule of each index that may open: `open_INDEX_to` and `open_INDEX_from`, with their sets of destinations.
void write_opening_chains(Text& text, const policy::Snapshot& policy, std::uint16_t group);

}  // namespace nft
