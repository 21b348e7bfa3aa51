// Policies for the gateways of a simulation.
#pragma once

#include <memory>
#include <vector>

#include "policy/snapshot.hpp"
#include "sim/options.hpp"
#include "sim/random.hpp"
#include "sim/topology.hpp"

namespace sim {

/// What that gateway's policy could be: of the kind asked for, about its site's prefix.
[[nodiscard]] std::shared_ptr<const policy::Snapshot> make_policy(const Options& options, const Topology& topology,
                                                                  GatewayIndex gateway, SeededRandom& random);

}  // namespace sim
