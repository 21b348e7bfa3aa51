// The result of a run as one page that needs nothing else: who stands where, one discovery step by step, and how flows
// came to their tunnels. For a phone, for the dark, and without relying on colour.
#pragma once

#include <string>

#include "sim/simulation.hpp"

namespace sim {

[[nodiscard]] std::string report_html(const Simulation& simulation);

}  // namespace sim
