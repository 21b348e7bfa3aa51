#include "daemon/outside.hpp"

#include <algorithm>

#include "platform/rtnl/dump.hpp"

namespace tedd {

namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::string port_text(const Outside& outside, const std::string& name, const std::string& master) {
  const std::string text = name + " is a port of " + master + ", from which IP has what it receives: ";
  if (!outside.blind.contains(name)) return text + master + " is taken for one of 'interfaces' as well";
  return text + "no probe is taken off there, and what arrives in the clear is not judged; name " + master +
         " in 'interfaces' and restart tedd";
}

/// RFC 3021: the two addresses of a longer one are two hosts.
constexpr unsigned kLongestWithBroadcast = 30;

/// The one that names all hosts of the network; nothing where there is none.
std::optional<base::Address> broadcast_of(const base::Prefix& network) {
  if (network.family() != base::Family::kV4 || network.length() > kLongestWithBroadcast) return std::nullopt;
  const auto hosts = base::all_ones(base::Family::kV4) >> network.length();
  return base::Address(base::Family::kV4, network.network().value() | hosts);
}

template <class Key>
bool had(const std::map<Key, std::string>& before, const std::pair<const Key, std::string>& one) {
  const auto known = before.find(one.first);
  return known != before.end() && known->second == one.second;
}

}  // namespace

Outside outside_in(const rtnl::Tables& tables, const config::Gateway& gateway) {
  config::MachineInterfaces machine;
  std::map<rtnl::Index, std::string> names;
  for (const rtnl::Link& link : tables.links) {
    machine[link.name];
    names[link.index] = link.name;
  }
  for (const rtnl::InterfaceAddress& address : tables.addresses) {
    if (const auto at = names.find(address.index); at != names.end()) machine[at->second].push_back(address.own);
  }
  Outside outside{.ports = rtnl::ports_among(tables.links, gateway.interfaces),
                  .blind = {},
                  .misfit = config::misfit(gateway, machine),
                  .addresses = {}};
  for (const rtnl::InterfaceAddress& address : tables.addresses) {
    outside.addresses.push_back(address.own);
    if (const auto all = broadcast_of(address.network)) outside.addresses.push_back(*all);
  }
  for (const auto& [name, master] : outside.ports.masters) {
    if (!holds(outside.ports.carriers, master) && !holds(gateway.interfaces, master)) outside.blind[name] = master;
  }
  // The address is at the master.
  if (!outside.ports.masters.empty()) outside.misfit.elsewhere.clear();
  return outside;
}

base::Result<Outside, std::string> look_outside(const config::Gateway& gateway) {
  const auto tables = rtnl::dump_interfaces();
  if (!tables) return std::unexpected(rtnl::text(tables.error()));
  return outside_in(*tables, gateway);
}

std::vector<std::string> texts(const Outside& outside) {
  std::vector<std::string> all = config::texts(outside.misfit);
  all.reserve(all.size() + outside.blind.size());
  for (const auto& [name, master] : outside.blind) all.push_back(port_text(outside, name, master));
  return all;
}

std::vector<Told> news(const Outside& before, const Outside& now) {
  std::vector<Told> all;
  for (const auto& one : now.ports.masters) {
    if (!had(before.ports.masters, one)) all.push_back({true, port_text(now, one.first, one.second)});
  }
  for (const auto& [name, there_is] : now.misfit.missing) {
    if (!before.misfit.missing.contains(name)) all.push_back({true, config::missing_text(name, there_is)});
  }
  for (const auto& [name, there_was] : before.misfit.missing) {
    if (!now.misfit.missing.contains(name)) all.push_back({false, "interface " + name + " is there now"});
  }
  for (const auto& one : now.misfit.elsewhere) {
    if (!had(before.misfit.elsewhere, one)) all.push_back({true, config::elsewhere_text(one.first, one.second)});
  }
  for (const base::Address& address : now.misfit.absent) {
    if (!before.misfit.absent.contains(address)) all.push_back({true, config::absent_text(address)});
  }
  // Where an interface is gone, nobody looks for addresses.
  for (const base::Address& address : before.misfit.absent) {
    if (now.misfit.missing.empty() && !now.misfit.absent.contains(address))
      all.push_back({false, address.text() + " of 'addresses' is on this machine now"});
  }
  return all;
}

}  // namespace tedd
