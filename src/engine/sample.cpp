#include "engine/sample.hpp"

#include <algorithm>

namespace engine {

namespace {

// Not the address without host bits, which is a network's own name.
base::Address host_of(const base::MaskedAddress& addresses) {
  const base::Address first(addresses.family(), addresses.address().value() | 1);
  return addresses.contains(first) ? first : addresses.address();
}

std::uint16_t port_of(const base::PortRange& ports) {
  return ports.hi > 0 ? std::max<std::uint16_t>(ports.lo, 1) : ports.lo;
}

}  // namespace

base::Flow sample_of(const base::Selector& selector) {
  base::Flow flow{.source = host_of(selector.local),
                  .destination = host_of(selector.remote),
                  .protocol = selector.protocol.value_or(base::Protocol::kUdp)};
  if (base::has_ports(flow.protocol)) {
    flow.source_port = port_of(selector.local_port);
    flow.destination_port = port_of(selector.remote_port);
  } else if (base::is_icmp(flow.protocol)) {
    flow.source_port = selector.local_port.lo;
    flow.destination_port = selector.remote_port.lo;
  }
  return flow;
}

}  // namespace engine
