// The values of every metric, as they are now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "control/reply.hpp"
#include "daemon/discovery_times.hpp"
#include "daemon/metrics.hpp"
#include "engine/engine.hpp"

namespace tedd {

/// Rules that protect and have a label of their own, the first of the file; the others are summed under kOtherRules.
/// Each label is a time series for whoever reads it, and a policy may have a million rules.
inline constexpr std::size_t kMaxRuleLabels = 100;
/// No rule can have that name.
inline constexpr std::string_view kOtherRules = "(others)";

/// What the engine does not know.
struct Situation {
  std::string version;
  control::Timestamp started;
  control::Timestamp loaded;
  bool reload_refused = false;
  bool charon_connected = false;
  bool guard_in_force = false;
  bool guard_released = false;
  bool intercepts = false;
  std::size_t openings = 0;
  std::size_t flowtables = 0;
};

/// `counters`: those of the engine and of the daemon, by name. Takes time in proportion to tunnels and discoveries.
[[nodiscard]] MetricValues measure(const engine::Engine& engine, const DiscoveryTimes& times,
                                   const control::Counters& counters, const Situation& situation);

}  // namespace tedd
