// Which sets of ports a data plane takes to the letter.
#pragma once

#include <cstdint>

#include "base/port_range.hpp"
#include "base/protocol.hpp"
#include "policy/carve.hpp"

namespace policy {

/// The largest block of 2^n ports at a multiple of 2^n that lies in `range` and holds `port`: the form of a value with
/// a mask. `range` contains `port`.
[[nodiscard]] base::PortRange port_block(base::PortRange range, std::uint16_t port);

/// The largest part of `range` around `port` that the plane takes: the range itself in userspace; a port_block(), or
/// one ICMP type or code, in the kernel. `range` contains `port`.
[[nodiscard]] base::PortRange fit_ports(base::PortRange range, std::uint16_t port, base::Protocol protocol,
                                        DataPlane plane);

}  // namespace policy
