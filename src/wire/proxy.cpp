#include "wire/proxy.hpp"

#include "wire/box.hpp"
#include "wire/layout.hpp"

namespace wire {

namespace {

constexpr BoxErrors kErrors{Error::kResponseLength, Error::kResponseVersion, Error::kResponseIpVersion,
                            Error::kResponseReservedSet};
constexpr std::size_t kAddressesAt = kHashLength + kBoxFixedLength;

base::MaskedAddress read_masked(base::Family family, base::Reader& reader) {
  const base::Address address(family, reader.number(base::octets(family)));
  return {address, reader.number(base::octets(family))};
}

// Port 0, ICMP type 0 and code 0 are written as a flag, because 0 alone says "any".
constexpr std::uint8_t kLocalPortIsZero = 1;
constexpr std::uint8_t kRemotePortIsZero = 2;

bool is_zero(base::PortRange range) {
  return range == base::PortRange::only(0);
}

base::PortRange range_of(std::uint16_t port, bool is_zero) {
  return port == kAnyPort && !is_zero ? base::PortRange::any() : base::PortRange::only(port);
}

std::uint16_t port_of(base::PortRange range) {
  if (range.is_any()) return kAnyPort;
  return range.lo != kAnyPort ? range.lo : range.hi;
}

// A flag stands only where its zero does, and only beside a protocol that has such a part.
bool flags_fit(const Box& box, std::uint16_t local_port, std::uint16_t remote_port) {
  if (box.flags == 0) return true;
  const auto protocol = static_cast<base::Protocol>(box.protocol);
  return (base::has_ports(protocol) || base::is_icmp(protocol)) &&
         ((box.flags & kLocalPortIsZero) == 0 || local_port == 0) &&
         ((box.flags & kRemotePortIsZero) == 0 || remote_port == 0);
}

}  // namespace

bool decode_proxy(const Payload& payload, std::optional<base::Selector>& found, DecodeError& error) {
  Box box;
  if (!decode_box(payload, kErrors, proxy_length, kLocalPortIsZero | kRemotePortIsZero, box, error)) return false;
  base::Reader reader(payload.body.subspan(kAddressesAt));
  base::Selector& proxy = found.emplace();
  if (box.protocol != kAnyProtocol) proxy.protocol = static_cast<base::Protocol>(box.protocol);
  proxy.local = read_masked(box.family, reader);
  proxy.remote = read_masked(box.family, reader);
  const std::uint16_t local_port = reader.u16();
  const std::uint16_t remote_port = reader.u16();
  if (!ports_fit(box.protocol, local_port, remote_port) || !flags_fit(box, local_port, remote_port)) {
    return payload.fail(error, Error::kResponsePorts, proxy_length(box.family) - kPortsLength);
  }
  proxy.local_port = range_of(local_port, (box.flags & kLocalPortIsZero) != 0);
  proxy.remote_port = range_of(remote_port, (box.flags & kRemotePortIsZero) != 0);
  return true;
}

void encode_proxy(const base::Selector& proxy, ChainWriter& out) {
  const base::Family family = proxy.family();
  const std::uint8_t protocol = proxy.protocol ? base::number(*proxy.protocol) : kAnyProtocol;
  const int flags =
      (is_zero(proxy.local_port) ? kLocalPortIsZero : 0) | (is_zero(proxy.remote_port) ? kRemotePortIsZero : 0);
  begin_box(kProxyHash, {family, protocol, static_cast<std::uint8_t>(flags)}, proxy_length(family), out);
  out.bits(proxy.local.address().value(), proxy.local.mask(), family);
  out.bits(proxy.remote.address().value(), proxy.remote.mask(), family);
  out.u32(static_cast<std::uint32_t>(port_of(proxy.local_port) << 16 | port_of(proxy.remote_port)));
}

}  // namespace wire
