// Interfaces whose packets come to IP from another one.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "platform/rtnl/tables.hpp"

namespace rtnl {

struct Ports {
  /// Of the interfaces that were asked for those that are ports of another one, and of which.
  std::map<std::string, std::string> masters;
  /// Where IP has what arrives at them: the bridges, bonds and teams of which they are ports, and those of which these
  /// are; in order, without those that were asked for. Not a VRF, which has what it has of more than one of them.
  std::vector<std::string> carriers;

  bool operator==(const Ports&) const = default;
};

/// `links` as dump_links() lists them. Names that no link has are left out.
[[nodiscard]] Ports ports_among(std::span<const Link> links, std::span<const std::string> names);

}  // namespace rtnl
