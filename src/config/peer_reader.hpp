// Reading [[peer]]: who may speak for which addresses.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/section.hpp"

namespace config {

/// The tables `peer` of the whole file. They need certificates: with a shared secret every peer can say that it is any
/// other.
[[nodiscard]] std::vector<Peer> read_peers(Section& document, const Ike& ike);

}  // namespace config
