#include "platform/rtnl/networks.hpp"

#include <algorithm>
#include <limits>
#include <ranges>
#include <set>
#include <string_view>
#include <tuple>

namespace rtnl {
namespace {

using base::Address;
using base::Family;
using base::Prefix;

Prefix v6_block(base::Uint128 leading, unsigned length) {
  return {Address(Family::kV6, leading << 112), length};
}

/// What no interface has behind it.
const std::vector<Prefix>& nowhere() {
  static const std::vector<Prefix> kAll = {Prefix(Address::v4(0x7f000000), 8),
                                           Prefix(Address::v4(0xa9fe0000), 16),
                                           Prefix(Address::v4(0xe0000000), 4),
                                           Prefix(Address::v4(0xffffffff), 32),
                                           Prefix(Address(Family::kV6, 1), 128),
                                           v6_block(0xfe80, 10),
                                           v6_block(0xff00, 8)};
  return kAll;
}

bool is_nowhere(const Prefix& prefix) {
  return prefix.length() == 0 || std::ranges::any_of(nowhere(), [&](const Prefix& one) { return one.covers(prefix); });
}

bool is_host(const Prefix& prefix) {
  return prefix.length() == base::width(prefix.family());
}

/// All that counts, in the order in which the longest match is found: a prefix before those in it, and of several ways
/// to the same prefix the ones that count first.
std::vector<Route> ways_of(const Tables& tables) {
  std::set<Address> own;
  for (const InterfaceAddress& address : tables.addresses) own.insert(address.own);
  std::vector<Route> ways;
  const auto add = [&](const Route& way) {
    const bool is_own = is_host(way.to) && own.contains(way.to.network());
    if (!is_own && !is_nowhere(way.to)) ways.push_back(way);
  };
  std::ranges::for_each(tables.routes, add);
  for (const InterfaceAddress& address : tables.addresses) {
    add({address.network, std::numeric_limits<std::uint32_t>::max(), address.index});
  }
  for (const Prefix& prefix : nowhere()) ways.push_back({prefix, 0, 0});
  std::ranges::sort(ways, {}, [](const Route& way) { return std::tuple(way.to, way.metric); });
  return ways;
}

struct Entry {
  Prefix prefix;
  bool mine = false;
};

/// One for each prefix.
std::vector<Entry> entries_for(const std::vector<Route>& ways, const std::set<Index>& links) {
  std::vector<Entry> entries;
  std::uint32_t metric = 0;
  for (const Route& way : ways) {
    if (entries.empty() || entries.back().prefix != way.to) {
      entries.push_back({way.to, false});
      metric = way.metric;
    }
    if (way.metric == metric && links.contains(way.out)) entries.back().mine = true;
  }
  return entries;
}

/// The parts of `whole` whose longest match is mine; `mine` is what holds where nothing of `inside` does.
void keep(const Prefix& whole, bool mine, std::span<const Entry> inside, std::vector<Prefix>& kept) {
  if (!inside.empty() && inside.front().prefix == whole) {
    mine = inside.front().mine;
    inside = inside.subspan(1);
  }
  if (kept.size() > kMaxNetworks) return;
  if (std::ranges::all_of(inside, [mine](const Entry& entry) { return entry.mine == mine; })) {
    if (mine) kept.push_back(whole);
    return;
  }
  const Prefix low(whole.network(), whole.length() + 1);
  const auto step = base::Uint128{1} << (base::width(whole.family()) - low.length());
  const Address middle(whole.family(), whole.network().value() | step);
  const auto split =
      std::ranges::partition_point(inside, [&](const Entry& entry) { return entry.prefix.network() < middle; });
  keep(low, mine, {inside.begin(), split}, kept);
  keep(Prefix(middle, low.length()), mine, {split, inside.end()}, kept);
}

/// The interfaces' own addresses, where they have nothing else.
void keep_hosts(const Tables& tables, const std::set<Index>& links, Family family, std::vector<Prefix>& kept) {
  std::set<Prefix> hosts;
  for (const InterfaceAddress& address : tables.addresses) {
    const Prefix host(address.own, base::width(family));
    if (links.contains(address.index) && address.own.family() == family && !is_nowhere(host)) hosts.insert(host);
  }
  kept.insert(kept.end(), hosts.begin(), hosts.end());
}

std::vector<Prefix> networks_of(const Tables& tables, const std::vector<Route>& ways, const std::set<Index>& links) {
  const auto entries = entries_for(ways, links);
  const auto split =
      std::ranges::partition_point(entries, [](const Entry& entry) { return entry.prefix.family() == Family::kV4; });
  std::vector<Prefix> kept;
  for (const Family family : {Family::kV4, Family::kV6}) {
    const bool v4 = family == Family::kV4;
    const std::size_t before = kept.size();
    const std::span<const Entry> inside(v4 ? entries.begin() : split, v4 ? split : entries.end());
    keep(Prefix(Address(family, 0), 0), false, inside, kept);
    if (kept.size() == before) keep_hosts(tables, links, family, kept);
  }
  return kept;
}

bool is_meant(std::string_view name, std::string_view link) {
  return name.ends_with('*') ? link.starts_with(name.substr(0, name.size() - 1)) : link == name;
}

}  // namespace

std::map<std::string, Interface, std::less<>> interfaces_in(const Tables& tables, std::span<const std::string> names) {
  const auto ways = ways_of(tables);
  std::map<std::string, Interface, std::less<>> found;
  for (const std::string& name : names) {
    Interface& interface = found[name];
    std::set<Index> links;
    for (const Link& link : tables.links) {
      if (!is_meant(name, link.name)) continue;
      links.insert(link.index);
      interface.up = interface.up || link.up;
    }
    if (!links.empty()) interface.networks = networks_of(tables, ways, links);
  }
  return found;
}

}  // namespace rtnl
