// What the kernel says about interfaces, addresses and routes on a netlink socket.
#pragma once

#include "base/bytes.hpp"
#include "platform/rtnl/tables.hpp"

namespace rtnl {

/// What a datagram said besides what went into the tables.
struct Heard {
  bool relevant = false;     ///< it told of a link, an address, or a route of the main table, come or gone
  bool done = false;         ///< it ends a listing
  bool interrupted = false;  ///< the listing that it is part of mixes two states
  int error = 0;             ///< errno with which the kernel refuses
};

/// Adds what the messages of one datagram list to `tables`, whatever their kind; entries that went are not taken out.
/// Left out, and irrelevant: routes of other tables, of the cache, by type of service or by source, to local,
/// broadcast and multicast addresses. Stops at the first message that is cut short, and leaves out what does not make
/// sense. `datagram` must be aligned for a netlink header.
[[nodiscard]] Heard take(base::ByteView datagram, Tables& tables);

}  // namespace rtnl
