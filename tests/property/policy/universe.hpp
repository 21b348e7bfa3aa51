// Generators of what lives in the universe of model.hpp.
#pragma once

#include <algorithm>
#include <iterator>
#include <ostream>
#include <rapidcheck.h>
#include <vector>

#include "policy/carve.hpp"
#include "policy/snapshot.hpp"
#include "property/policy/model.hpp"

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

// The same in ICMP: what asked for ports asks for types and codes.
inline rc::Gen<std::vector<policy::Rule>> any_icmp_policy() {
  return rc::gen::map(any_policy(), [](std::vector<policy::Rule> list) {
    const auto part = [](PortRange ports) { return ports.lo < 2 ? PortRange::only(ports.lo) : PortRange::any(); };
    for (policy::Rule& rule : list) {
      if (!rule.protocol || !has_ports(*rule.protocol)) continue;
      rule.protocol = Protocol::kIcmp;
      rule.local_port = part(rule.local_port);
      rule.remote_port = rule.local_port.is_any() ? PortRange::any() : part(rule.remote_port);
    }
    return list;
  });
}

inline rc::Gen<Flow> any_flow() {
  return rc::gen::elementOf(all_flows());
}

inline rc::Gen<Flow> any_icmp_flow() {
  return rc::gen::suchThat(any_flow(), [](const Flow& flow) { return is_icmp(flow.protocol); });
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
