// What the engine knows, as the values that tedctl shows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "config/resolve.hpp"
#include "control/report.hpp"
#include "daemon/authoriser.hpp"
#include "engine/engine.hpp"

namespace tedd {

/// The wall-clock time of an instant of the monotonic clock, as far as the two agree now.
[[nodiscard]] control::Timestamp wall_clock(base::Instant when);

[[nodiscard]] control::Tunnel tunnel_of(const engine::Tunnel& tunnel);
[[nodiscard]] std::vector<control::Tunnel> tunnels_of(const engine::Engine& engine);
/// What any of them carries.
[[nodiscard]] std::vector<base::Selector> covered_by(const engine::Tunnels& tunnels);
/// One of `openings` lets flows of the rule to that destination pass in the clear.
[[nodiscard]] bool in_the_clear(std::span<const engine::Opening> openings, policy::RuleIndex rule,
                                const base::Address& destination);
/// `openings` are those of the guard: what they let pass is said to be open.
[[nodiscard]] control::Pending pending_of(const engine::Engine& engine, const engine::Discovery& discovery,
                                          base::Instant now, std::span<const engine::Opening> openings);
[[nodiscard]] std::vector<control::Pending> pending_of(const engine::Engine& engine, base::Instant now,
                                                       std::span<const engine::Opening> openings);
[[nodiscard]] std::vector<control::Peer> peers_of(const engine::Engine& engine, const CertificateEnds& ends,
                                                  base::Instant now);
[[nodiscard]] std::vector<control::Observation> observations_of(const engine::Engine& engine);
[[nodiscard]] control::Counters counters_of(const engine::Engine& engine);
[[nodiscard]] std::vector<control::RuleInfo> rules_of(const config::Config& config, const policy::Snapshot& policy,
                                                      const config::NetworksByName& networks);
/// A line for each mistake of a file.
[[nodiscard]] std::vector<std::string> texts(const std::vector<config::ConfigError>& errors);
[[nodiscard]] control::Event event_of(const engine::Report& report);

}  // namespace tedd
