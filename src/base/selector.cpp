#include "base/selector.hpp"

#include <utility>

namespace base {

namespace {

std::string side_text(const MaskedAddress& address, PortRange port) {
  if (port.is_any()) return address.text();
  if (address.family() == Family::kV6) return "[" + address.text() + "]:" + port.text();
  return address.text() + ":" + port.text();
}

}  // namespace

Selector Selector::mirrored() const {
  Selector mirror = *this;
  std::swap(mirror.local, mirror.remote);
  if (!protocol || !is_icmp(*protocol)) std::swap(mirror.local_port, mirror.remote_port);
  return mirror;
}

bool Selector::contains(const Flow& flow) const {
  return (!protocol || *protocol == flow.protocol) && local.contains(flow.source) &&
         remote.contains(flow.destination) && local_port.contains(flow.source_port) &&
         remote_port.contains(flow.destination_port);
}

bool Selector::covers(const Selector& other) const {
  return (!protocol || protocol == other.protocol) && local.covers(other.local) && remote.covers(other.remote) &&
         local_port.covers(other.local_port) && remote_port.covers(other.remote_port);
}

bool Selector::overlaps(const Selector& other) const {
  return (!protocol || !other.protocol || protocol == other.protocol) && local.meets(other.local) &&
         remote.meets(other.remote) && local_port.meets(other.local_port) && remote_port.meets(other.remote_port);
}

Selector Selector::of(const Flow& flow) {
  Selector box{flow.protocol, MaskedAddress::host(flow.source), MaskedAddress::host(flow.destination), {}, {}};
  if (has_ports(flow.protocol) || is_icmp(flow.protocol)) {
    box.local_port = PortRange::only(flow.source_port);
    box.remote_port = PortRange::only(flow.destination_port);
  }
  return box;
}

std::string Selector::text() const {
  return (protocol ? base::text(*protocol) : "any") + " " + side_text(local, local_port) + " > " +
         side_text(remote, remote_port);
}

}  // namespace base
