// What the kernel says about its interfaces, their addresses, and the routes of the main table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/prefix.hpp"

namespace rtnl {

/// Entries of all kinds together: the whole table of the Internet fits, at about 64 bytes each.
inline constexpr std::size_t kMaxEntries = std::size_t{1} << 21;

/// The kernel's number of an interface; 0 is none.
using Index = std::uint32_t;

struct Link {
  Index index = 0;
  std::string name;
  bool up = false;     ///< switched on, and with a carrier
  Index master = 0;    ///< the bridge, bond, team or VRF that it is a port of: where IP sees what it receives
  std::string kind{};  ///< `bridge`, `bond`, `veth`, …; empty for a card

  bool operator==(const Link&) const = default;
};

struct InterfaceAddress {
  Index index = 0;
  base::Address own;     ///< this machine's
  base::Prefix network;  ///< around it, or around the other end of a point-to-point link

  bool operator==(const InterfaceAddress&) const = default;
};

/// One way out of one route; a route with several has one of these for each.
struct Route {
  base::Prefix to;
  std::uint32_t metric = 0;  ///< of two routes to the same prefix the lower one counts
  Index out = 0;             ///< 0: it leads nowhere (`blackhole`, `unreachable`, `prohibit`, `throw`)

  bool operator==(const Route&) const = default;
};

struct Tables {
  std::vector<Link> links;
  std::vector<InterfaceAddress> addresses;
  std::vector<Route> routes;

  [[nodiscard]] std::size_t size() const { return links.size() + addresses.size() + routes.size(); }
};

}  // namespace rtnl
