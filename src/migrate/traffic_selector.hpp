// A traffic selector as swanctl.conf(5) writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/masked_address.hpp"
#include "base/port_range.hpp"
#include "base/protocol.hpp"
#include "base/result.hpp"

namespace migrate {

struct TrafficSelector {
  std::vector<base::MaskedAddress> addresses;  ///< several for a range; none for `dynamic`: it is the end of the tunnel
  std::optional<base::Protocol> protocol;
  base::PortRange ports;  ///< of ICMP nothing but any(): the type is said by both sides together

  [[nodiscard]] bool is_dynamic() const { return addresses.empty(); }
};

/// `dynamic`, `PREFIX`, `ADDRESS` or `FIRST-LAST`, with `[PROTOCOL/PORTS]` behind it; or why it is no part of a rule.
[[nodiscard]] base::Result<TrafficSelector, std::string> parse_traffic_selector(std::string_view text);

}  // namespace migrate
