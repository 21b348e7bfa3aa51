// What makes selectors sound and exact, judged flow by flow.
#pragma once

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "base/selector_list.hpp"
#include "policy/carve.hpp"
#include "policy/region.hpp"
#include "property/policy/model.hpp"

namespace policy_property {

using base::Flow;
using base::PortRange;
using base::Selector;
using base::SelectorEnd;
using base::SelectorList;
using policy::DataPlane;
using policy::Rule;

inline bool is_block(PortRange range) {
  const unsigned size = range.hi - range.lo + 1U;
  return std::has_single_bit(size) && range.lo % size == 0;
}

inline bool is_exact(const Selector& box, DataPlane plane) {
  const bool limits = !box.local_port.is_any() || !box.remote_port.is_any();
  if (!box.local.prefix() || !box.remote.prefix() || (limits && !box.protocol)) return false;
  if (box.protocol && is_icmp(*box.protocol) && !box.remote_port.is_any() && !box.local_port.is_single()) return false;
  return plane == DataPlane::kUserspace || (is_block(box.local_port) && is_block(box.remote_port));
}

// Every flow of the box has that first rule.
inline bool is_sound(const std::vector<Rule>& rules, const Selector& box, int rule) {
  for (const auto& flow : universe::all_flows()) {
    if (universe::is_in(box, flow) && universe::first_rule(rules, flow) != rule) return false;
  }
  return true;
}

inline bool is_in(const SelectorList& list, const Flow& flow) {
  const auto has = [](const std::vector<SelectorEnd>& ends, const base::Address& address, std::uint16_t port) {
    for (const SelectorEnd& end : ends) {
      if (port >= end.port.lo && port <= end.port.hi && universe::is_in(end.address, address)) return true;
    }
    return false;
  };
  return (!list.protocol || number(*list.protocol) == number(flow.protocol)) &&
         has(list.local, flow.source, flow.source_port) && has(list.remote, flow.destination, flow.destination_port);
}

inline bool is_exact(const SelectorList& list, DataPlane plane) {
  if (list.local.empty() || list.remote.empty()) return false;
  if (list.local.size() > policy::max_ends(plane) || list.remote.size() > policy::max_ends(plane)) return false;
  for (const Selector& box : list.boxes()) {
    if (!is_exact(box, plane)) return false;
  }
  return true;
}

// Every flow of the list has that first rule.
inline bool is_sound(const std::vector<Rule>& rules, const SelectorList& list, int rule) {
  for (const Flow& flow : universe::all_flows()) {
    if (is_in(list, flow) && universe::first_rule(rules, flow) != rule) return false;
  }
  return true;
}

// No end lies in another one.
inline bool is_lean(const std::vector<SelectorEnd>& ends) {
  for (std::size_t i = 0; i < ends.size(); ++i) {
    for (std::size_t j = 0; j < ends.size(); ++j) {
      if (i != j && ends[j].address.covers(ends[i].address) && ends[j].port.covers(ends[i].port)) return false;
    }
  }
  return true;
}

inline bool covers(const std::vector<SelectorEnd>& ends, const base::Address& address, std::uint16_t port) {
  for (const SelectorEnd& end : ends) {
    if (universe::is_in(end.address, address) && end.port.contains(port)) return true;
  }
  return false;
}

// Single points of the universe that are in `within` and not in the side: each, added alone, is expressible.
inline std::vector<SelectorEnd> additions(const std::vector<SelectorEnd>& ends, const SelectorList& list, bool source,
                                          DataPlane plane) {
  std::vector<SelectorEnd> all;
  if (ends.size() >= policy::max_ends(plane)) return all;
  const bool has_ports = list.protocol && base::has_ports(*list.protocol);
  for (const Flow& flow : universe::all_flows()) {
    if (list.protocol && flow.protocol != *list.protocol) continue;
    const auto& address = source ? flow.source : flow.destination;
    const auto port = source ? flow.source_port : flow.destination_port;
    SelectorEnd point{base::MaskedAddress::host(address), has_ports ? PortRange::only(port) : ends.front().port};
    if (covers(ends, address, has_ports ? port : ends.front().port.lo)) continue;
    if (std::ranges::find(all, point) == all.end()) all.push_back(point);
  }
  return all;
}

// True when it has a point of the universe that none of the others has: only then can a flow tell.
inline bool is_told_apart(const SelectorEnd& larger, const std::vector<SelectorEnd>& ends, bool has_ports) {
  return std::ranges::any_of(universe::all_flows(), [&](const Flow& flow) {
    if (has_ports && !base::has_ports(flow.protocol)) return false;
    const auto port = has_ports ? flow.source_port : larger.port.lo;
    return covers({larger}, flow.source, port) && !covers(ends, flow.source, port);
  });
}

// The ends one step larger in one part, as the data plane takes it.
inline std::vector<SelectorEnd> larger(const SelectorEnd& end, bool has_ports, DataPlane plane) {
  std::vector<SelectorEnd> all;
  const auto mask = end.address.mask();
  if (mask != 0) all.push_back({base::MaskedAddress(end.address.address(), mask & (mask - 1)), end.port});
  if (!has_ports || end.port.is_any()) return all;
  if (plane != DataPlane::kUserspace) {
    const unsigned size = (end.port.hi - end.port.lo + 1U) * 2;
    const unsigned lo = end.port.lo / size * size;
    all.push_back({end.address, {static_cast<std::uint16_t>(lo), static_cast<std::uint16_t>(lo + size - 1)}});
    return all;
  }
  if (end.port.lo > 0) all.push_back({end.address, {static_cast<std::uint16_t>(end.port.lo - 1), end.port.hi}});
  if (end.port.hi < 65535) all.push_back({end.address, {end.port.lo, static_cast<std::uint16_t>(end.port.hi + 1)}});
  return all;
}

// The same list with the wider types and codes that a tunnel can be for: a code stands beside one type only.
inline std::vector<SelectorList> wider_icmp(const SelectorList& list) {
  std::vector<SelectorList> all;
  if (!list.protocol || !is_icmp(*list.protocol) || list.local.front().port.is_any()) return all;
  const auto add = [&](PortRange type) {
    all.push_back(list);
    for (SelectorEnd& end : all.back().local) end.port = type;
    for (SelectorEnd& end : all.back().remote) end.port = PortRange::any();
  };
  add(PortRange::any());
  if (!list.remote.front().port.is_any()) add(list.local.front().port);
  return all;
}

// `allowed` says of a flow whether it may be in the product.
template <class Allowed>
bool is_maximal(const SelectorList& list, DataPlane plane, Allowed allowed) {
  const auto sound = [&](const SelectorList& larger) {
    for (const Flow& flow : universe::all_flows()) {
      if (is_in(larger, flow) && !allowed(flow)) return false;
    }
    return true;
  };
  for (const bool source : {true, false}) {
    for (const SelectorEnd& point : additions(source ? list.local : list.remote, list, source, plane)) {
      SelectorList wider = list;
      (source ? wider.local : wider.remote) = {point};
      if (sound(wider)) return false;
    }
    const bool has_ports = list.protocol && base::has_ports(*list.protocol);
    const auto& ends = source ? list.local : list.remote;
    for (const SelectorEnd& end : ends) {
      for (const SelectorEnd& grown : larger(end, has_ports, plane)) {
        if (!is_told_apart(grown, ends, has_ports)) continue;
        SelectorList wider = list;
        (source ? wider.local : wider.remote) = {grown};
        if (sound(wider)) return false;
      }
    }
  }
  if (std::ranges::any_of(wider_icmp(list), sound)) return false;
  SelectorList any = list;
  any.protocol.reset();
  const auto is_any = [](const SelectorEnd& end) { return end.port.is_any(); };
  if (!list.protocol || !std::ranges::all_of(list.local, is_any) || !std::ranges::all_of(list.remote, is_any))
    return true;
  return !sound(any);
}

// The same for both ends: the order of ends says nothing.
inline std::string sorted(SelectorList list) {
  const auto by_text = [](const SelectorEnd& end) { return end.address.text() + end.port.text(); };
  std::ranges::sort(list.local, {}, by_text);
  std::ranges::sort(list.remote, {}, by_text);
  return list.text();
}

}  // namespace policy_property
