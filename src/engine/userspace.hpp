// What strongSwan's userspace ESP (libipsec) cannot carry, at whichever end of a tunnel it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/selector.hpp"

namespace engine {

/// For people: why a tunnel for `box` would carry nothing where ESP is done in userspace, and the way out; nothing when
/// it would carry it. libipsec (5.9.8: parse_transport_header() in ip_packet.c) reads ports of TCP and UDP only, and
/// takes every other packet for one of port 0. `where` is which end: `here`, `at 192.0.2.2`.
[[nodiscard]] std::optional<std::string> unseen_ports(const base::Selector& box, std::string_view where);

/// Likewise why the tunnel between the two gateways, as `box` is written from `gateway`'s side, would swallow its own
/// ESP and IKE: a route by destination alone leads what it protects into it.
[[nodiscard]] std::optional<std::string> own_end(const base::Selector& box, const base::Address& gateway,
                                                 const base::Address& peer, std::string_view where);

}  // namespace engine
