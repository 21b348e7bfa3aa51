// A universe small enough to try every flow, and what lines and rules say of each.
//
// Addresses differ in their last three bits, ports that lines name are 0 to 4, and types and codes 0 to 1. Each set of
// flows that no line can tell apart has at least one member in all_flows(), so what holds for all of them holds for
// every flow there is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/flow.hpp"
#include "base/selector.hpp"
#include "policy/rule.hpp"

namespace universe {

using base::Flow;
using base::PortRange;
using base::Protocol;
using base::Selector;

inline constexpr std::uint32_t kBase = 0x0a000000;         // 10.0.0.0/29 is the inside
inline constexpr std::uint32_t kOutside = 0x0b000000;      // one for all the rest
inline constexpr auto kGre = Protocol::kGre;               // has no ports
inline constexpr auto kOther = static_cast<Protocol>(99);  // no line names it

inline std::vector<std::uint16_t> ports_of(Protocol protocol) {
  if (has_ports(protocol))
    return {0, 1, 2, 3, 4, 5, 65535};  // 5: what a block that grows beyond a range has of the others
  if (is_icmp(protocol)) return {0, 1, 2};
  return {0};
}

inline std::vector<Flow> make_all_flows() {
  std::vector<std::uint32_t> hosts = {kOutside};
  for (std::uint32_t i = 0; i < 8; ++i) hosts.push_back(kBase + i);
  std::vector<Flow> flows;
  for (const auto from : hosts) {
    for (const auto to : hosts) {
      for (const auto protocol : {Protocol::kTcp, Protocol::kUdp, Protocol::kIcmp, kGre, kOther}) {
        for (const auto source_port : ports_of(protocol)) {
          for (const auto destination_port : ports_of(protocol)) {
            flows.push_back({base::Address::v4(from), base::Address::v4(to), protocol, source_port, destination_port});
          }
        }
      }
    }
  }
  return flows;
}

inline const std::vector<Flow>& all_flows() {
  static const std::vector<Flow> kFlows = make_all_flows();
  return kFlows;
}

// Membership, written once more and differently: bit by bit, port by port.
inline bool is_in(const base::MaskedAddress& set, const base::Address& address) {
  for (unsigned bit = 0; bit < 32; ++bit) {
    const bool significant = (set.mask() >> bit & 1) != 0;
    if (significant && (set.address().value() >> bit & 1) != (address.value() >> bit & 1)) return false;
  }
  return true;
}
inline bool is_in(const Selector& box, const Flow& flow) {
  return (!box.protocol.has_value() || number(*box.protocol) == number(flow.protocol)) &&
         is_in(box.local, flow.source) && is_in(box.remote, flow.destination) &&
         flow.source_port >= box.local_port.lo && flow.source_port <= box.local_port.hi &&
         flow.destination_port >= box.remote_port.lo && flow.destination_port <= box.remote_port.hi;
}
inline int first_rule(const std::vector<policy::Rule>& rules, const Flow& flow) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& rule = rules[i];
    for (const auto& local : rule.local) {
      for (const auto& remote : rule.remote) {
        if (is_in({rule.protocol, local, remote, rule.local_port, rule.remote_port}, flow)) return static_cast<int>(i);
      }
    }
  }
  return -1;
}

}  // namespace universe
