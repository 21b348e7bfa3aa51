#include <bit>
#include <cstdint>

#include "policy/carve.hpp"
#include "policy/ports.hpp"

namespace policy {

namespace {

// The largest prefix inside the set that holds `address`: every bit down to the mask's last one becomes significant.
base::MaskedAddress prefix_inside(const base::MaskedAddress& set, const base::Address& address) {
  const unsigned width = base::width(set.family());
  if (set.mask() == 0) return base::Prefix(address, 0);
  const auto low = static_cast<std::uint64_t>(set.mask());
  const int host_bits =
      low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(static_cast<std::uint64_t>(set.mask() >> 64));
  return base::Prefix(address, width - static_cast<unsigned>(host_bits));
}

}  // namespace

base::PortRange port_block(base::PortRange range, std::uint16_t port) {
  for (unsigned bits = 16; bits > 0; --bits) {
    const std::uint32_t low_bits = (1U << bits) - 1;
    const base::PortRange block{static_cast<std::uint16_t>(port & ~low_bits),
                                static_cast<std::uint16_t>(port | low_bits)};
    if (range.covers(block)) return block;
  }
  return base::PortRange::only(port);
}

base::PortRange fit_ports(base::PortRange range, std::uint16_t port, base::Protocol protocol, DataPlane plane) {
  if (plane == DataPlane::kUserspace || range.is_any()) return range;
  // XFRM and IKE agree on ICMP types only one at a time: the kernel keeps no mask for them.
  if (is_icmp(protocol)) return base::PortRange::only(port);
  return port_block(range, port);
}

base::Selector exact(const base::Selector& box, const base::Flow& flow, DataPlane plane) {
  base::Selector result = box;
  result.local = prefix_inside(box.local, flow.source);
  result.remote = prefix_inside(box.remote, flow.destination);
  if (box.local_port.is_any() && box.remote_port.is_any()) return result;
  result.protocol = flow.protocol;  // ports mean nothing without a protocol
  result.local_port = fit_ports(box.local_port, flow.source_port, flow.protocol, plane);
  result.remote_port = fit_ports(box.remote_port, flow.destination_port, flow.protocol, plane);
  // RFC 7296 section 3.13.1 packs type and code into one 16-bit range: a code needs its type.
  if (is_icmp(flow.protocol) && !result.remote_port.is_any()) {
    result.local_port = base::PortRange::only(flow.source_port);
    if (!result.remote_port.is_single()) result.remote_port = base::PortRange::only(flow.destination_port);
  }
  return result;
}

}  // namespace policy
