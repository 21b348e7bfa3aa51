// From the kernel's tables to what lies behind an interface.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/prefix.hpp"
#include "platform/rtnl/tables.hpp"

namespace rtnl {

/// No rule can stand for more.
inline constexpr std::size_t kMaxNetworks = 65'536;

/// What the machine says of one interface, or of all whose names begin alike.
struct Interface {
  bool up = false;                     ///< it exists, is switched on and has a carrier; of several: one does
  std::vector<base::Prefix> networks;  ///< in ascending order, none inside another; beyond kMaxNetworks cut off, with
                                       ///< at least one more than that, so that it can be told

  bool operator==(const Interface&) const = default;
};

/// What lies behind each of these interfaces: every address that the main table sends out there, and the networks of
/// its own addresses. A longer route elsewhere takes its addresses out of a shorter one, and so does one that leads
/// nowhere; of two routes to the same prefix the one of the lower metric counts, a network of an address after any
/// route. No network: the default route, multicast, link-local, loopback and broadcast addresses, and this machine's
/// own addresses as hosts, unless the interface has nothing else of that family. One that does not exist is down and
/// has none. A name that ends in `*` stands for every interface whose name begins so, as if they were one.
[[nodiscard]] std::map<std::string, Interface, std::less<>> interfaces_in(const Tables& tables,
                                                                          std::span<const std::string> names);

}  // namespace rtnl
