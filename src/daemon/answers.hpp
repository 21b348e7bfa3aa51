// What the engine knows, as the values that tedctl shows.
#pragma once

#include <vector>

#include "base/time.hpp"
#include "control/report.hpp"
#include "engine/engine.hpp"

namespace tedd {

/// The wall-clock time of an instant of the monotonic clock, as far as the two agree now.
[[nodiscard]] control::Timestamp wall_clock(base::Instant when);

[[nodiscard]] std::vector<control::Tunnel> tunnels_of(const engine::Engine& engine);
[[nodiscard]] std::vector<control::Pending> pending_of(const engine::Engine& engine, base::Instant now);
[[nodiscard]] std::vector<control::Peer> peers_of(const engine::Engine& engine, base::Instant now);
[[nodiscard]] control::Counters counters_of(const engine::Engine& engine);
[[nodiscard]] std::vector<control::RuleInfo> rules_of(const policy::Snapshot& policy);
[[nodiscard]] control::Event event_of(const engine::Report& report);

}  // namespace tedd
