// The result of a run as JSON: docs/simulator.md says what each field is. The same run gives the same bytes.
#pragma once

#include <string>

#include "sim/simulation.hpp"

namespace sim {

[[nodiscard]] std::string report_json(const Simulation& simulation);

/// How long flows waited for their tunnels, from the first packet to the first that a tunnel carried.
struct Waits {
  std::uint64_t flows = 0;
  double median_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double longest_ms = 0;
};
[[nodiscard]] Waits waits_of(const Hosts& hosts);

}  // namespace sim
