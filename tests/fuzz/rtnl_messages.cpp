// Any bytes on the netlink socket: read without a step outside, and what comes of it makes sense.
#include <array>
#include <cstring>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "platform/rtnl/messages.hpp"
#include "platform/rtnl/networks.hpp"

namespace {

void check_interface(const rtnl::Interface& interface) {
  const base::Prefix* before = nullptr;
  for (const base::Prefix& network : interface.networks) {
    require(network.length() > 0 && !network.network().is_multicast());
    require(before == nullptr || (*before < network && !before->covers(network)));
    before = &network;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> datagram(data, data + size);  // exactly that long, and aligned
  rtnl::Tables tables;
  const rtnl::Heard heard = rtnl::take(datagram, tables);
  require(heard.error >= 0);
  require(heard.relevant || tables.size() == 0);
  std::vector<std::string> names{"lan0"};
  for (const rtnl::Link& link : tables.links) {
    require(link.index != 0);
    names.push_back(link.name);
  }
  for (const auto& [name, interface] : rtnl::interfaces_in(tables, names)) check_interface(interface);
  return 0;
}
