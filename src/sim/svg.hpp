// The pictures in a report: each is an <svg>, with a few words around it.
#pragma once

#include <string>

#include "sim/simulation.hpp"

namespace sim {

/// Who stands where, and which tunnels stand; of many gateways a sample.
[[nodiscard]] std::string draw_topology(const Simulation& simulation);
/// One discovery, step by step.
[[nodiscard]] std::string draw_ladder(const Simulation& simulation);
/// The share of flows that have a tunnel, and what crossed the links, over time.
[[nodiscard]] std::string draw_curves(const Simulation& simulation);

}  // namespace sim
