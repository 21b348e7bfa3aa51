// A universe small enough to try every flow, and generators of what lives in it.
//
// Addresses differ in their last three bits, ports that lines name are 0 to 4, and types and codes 0 to 1. Each set of
// flows that no line can tell apart has at least one member in all_flows(), so what holds for all of them holds for
// every flow there is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ostream>
#include <rapidcheck.h>
#include <vector>

#include "base/flow.hpp"
#include "base/selector.hpp"
#include "policy/carve.hpp"
#include "policy/rule.hpp"
#include "policy/snapshot.hpp"

namespace base {

inline void showValue(const Selector& box, std::ostream& out) {
  out << box.text();
}
inline void showValue(const Flow& flow, std::ostream& out) {
  out << flow.text();
}

}  // namespace base

namespace policy {

inline void showValue(const Rule& rule, std::ostream& out) {
  for (const auto& local : rule.local) {
    for (const auto& remote : rule.remote) {
      out << static_cast<int>(rule.action) << " "
          << base::Selector{rule.protocol, local, remote, rule.local_port, rule.remote_port}.text() << "; ";
    }
  }
}
inline void showValue(DataPlane plane, std::ostream& out) {
  out << (plane == DataPlane::kKernel ? "kernel" : plane == DataPlane::kMixed ? "mixed" : "userspace");
}

}  // namespace policy

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
  if (has_ports(protocol)) return {0, 1, 2, 3, 4, 65535};
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

inline rc::Gen<base::MaskedAddress> any_addresses() {
  const auto inside = rc::gen::map(rc::gen::inRange<std::uint32_t>(0, 64), [](std::uint32_t bits) {
    return base::MaskedAddress(base::Address::v4(kBase | (bits & 7U)), 0xfffffff8U | bits >> 3);
  });
  return rc::gen::weightedOneOf<base::MaskedAddress>(
      {{5, inside}, {1, rc::gen::just(base::MaskedAddress::any(base::Family::kV4))}});
}

inline rc::Gen<PortRange> any_ports() {
  const auto range = rc::gen::map(
      rc::gen::pair(rc::gen::inRange<std::uint16_t>(0, 5), rc::gen::inRange<std::uint16_t>(0, 6)), [](auto ends) {
        const auto [from, to] = ends;
        if (to == 5) return PortRange{from, 65535};
        return PortRange{std::min(from, to), std::max(from, to)};
      });
  return rc::gen::weightedOneOf<PortRange>({{1, range}, {1, rc::gen::just(PortRange::any())}});
}

// Ports as the protocol may have them: ranges, a type with or without code, or none.
inline Selector with_ports(Selector box, int type, int code) {
  if (box.protocol && has_ports(*box.protocol)) return box;
  box.local_port = box.remote_port = PortRange::any();
  if (!box.protocol || !is_icmp(*box.protocol) || type == 2) return box;
  box.local_port = PortRange::only(static_cast<std::uint16_t>(type));
  if (code != 2) box.remote_port = PortRange::only(static_cast<std::uint16_t>(code));
  return box;
}

inline rc::Gen<Selector> any_box() {
  const auto protocol = rc::gen::element<std::optional<Protocol>>(std::nullopt, Protocol::kTcp, Protocol::kTcp,
                                                                  Protocol::kUdp, Protocol::kIcmp, kGre);
  return rc::gen::map(rc::gen::tuple(protocol, any_addresses(), any_addresses(), any_ports(), any_ports(),
                                     rc::gen::inRange(0, 3), rc::gen::inRange(0, 3)),
                      [](const auto& parts) {
                        const auto& [chosen, local, remote, local_port, remote_port, type, code] = parts;
                        return with_ports({chosen, local, remote, local_port, remote_port}, type, code);
                      });
}

inline rc::Gen<policy::Rule> any_rule() {
  const auto action = rc::gen::element(policy::Action::kProtect, policy::Action::kProtect, policy::Action::kBypass,
                                       policy::Action::kBlock);
  return rc::gen::map(
      rc::gen::tuple(any_box(), rc::gen::maybe(any_addresses()), rc::gen::maybe(any_addresses()), action),
      [](const auto& parts) {
        const auto& [box, more_local, more_remote, chosen] = parts;
        policy::Rule rule;
        rule.action = chosen;
        rule.protocol = box.protocol;
        rule.local = {box.local};
        rule.remote = {box.remote};
        if (more_local) rule.local.push_back(*more_local);
        if (more_remote) rule.remote.push_back(*more_remote);
        rule.local_port = box.local_port;
        rule.remote_port = box.remote_port;
        return rule;
      });
}

// Some rules, and at the end one that protects the rest, so that most flows have a tunnel to be carved.
inline rc::Gen<std::vector<policy::Rule>> any_policy() {
  const auto rules = rc::gen::resize(8, rc::gen::container<std::vector<policy::Rule>>(any_rule()));
  return rc::gen::map(rules, [](std::vector<policy::Rule> list) {
    policy::Rule rest;
    rest.local = rest.remote = {base::MaskedAddress::any(base::Family::kV4)};
    list.push_back(rest);
    return list;
  });
}

inline rc::Gen<Flow> any_flow() {
  return rc::gen::elementOf(all_flows());
}

inline rc::Gen<Flow> any_flow_in(const Selector& box) {
  std::vector<Flow> inside;
  std::ranges::copy_if(all_flows(), std::back_inserter(inside), [&](const Flow& flow) { return is_in(box, flow); });
  return rc::gen::elementOf(std::move(inside));
}

inline rc::Gen<policy::DataPlane> any_plane() {
  return rc::gen::element(policy::DataPlane::kKernel, policy::DataPlane::kKernel, policy::DataPlane::kUserspace,
                          policy::DataPlane::kMixed);
}

}  // namespace universe
