#include "daemon/outside.hpp"

#include <algorithm>

#include "platform/rtnl/dump.hpp"

namespace tedd {

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
  Outside outside;
  for (const rtnl::Link& link : tables.links) {
    const auto master = names.find(link.master);
    if (link.master == 0 || master == names.end()) continue;
    if (std::ranges::find(gateway.interfaces, link.name) == gateway.interfaces.end()) continue;
    outside.ports[link.name] = master->second;
  }
  outside.misfit = config::misfit(gateway, machine);
  if (!outside.ports.empty()) outside.misfit.elsewhere.clear();  // at the master, which the sentence of the port names
  return outside;
}

base::Result<Outside, std::string> look_outside(const config::Gateway& gateway) {
  const auto tables = rtnl::dump_interfaces();
  if (!tables) return std::unexpected(rtnl::text(tables.error()));
  return outside_in(*tables, gateway);
}

// What a port receives comes to IP from its master: named in its place, the port sees no probe, and the guard takes
// what arrives in the clear for something from inside.
std::string port_text(const std::string& name, const std::string& master) {
  return name + " is a port of " + master +
         ", from which IP has what it receives: no probe is taken off there, and what arrives in the clear is not "
         "judged; name " +
         master + " in 'interfaces' and restart tedd";
}

std::vector<std::string> texts(const Outside& outside) {
  std::vector<std::string> all = config::texts(outside.misfit);
  all.reserve(all.size() + outside.ports.size());
  for (const auto& [name, master] : outside.ports) all.push_back(port_text(name, master));
  return all;
}

}  // namespace tedd
