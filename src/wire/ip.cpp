#include "wire/ip.hpp"

#include <algorithm>

#include "wire/limits.hpp"

namespace wire {

namespace {

// Flags and offset: RFC 791 section 3.1 and RFC 8200 section 4.5.
constexpr std::uint16_t kIpv4MoreFragments = 0x2000;
constexpr std::uint16_t kIpv4OffsetMask = 0x1fff;
constexpr std::uint16_t kIpv6MoreFragments = 0x0001;
constexpr std::uint16_t kIpv6OffsetMask = 0xfff8;

// IPv6 extension headers and the units of their length field: 8 octets, but 4 for AH (RFC 4302 section 2.2).
enum class Extension : std::uint8_t { kHopByHop = 0, kRouting = 43, kFragment = 44, kAh = 51, kDestination = 60 };

bool is_extension(std::uint8_t protocol) {
  switch (static_cast<Extension>(protocol)) {
    case Extension::kHopByHop:
    case Extension::kRouting:
    case Extension::kFragment:
    case Extension::kAh:
    case Extension::kDestination: return true;
  }
  return false;
}

std::size_t extension_length(Extension type, std::uint8_t length_field) {
  if (type == Extension::kFragment) return 8;
  if (type == Extension::kAh) return (std::size_t{length_field} + 2) * 4;
  return (std::size_t{length_field} + 1) * 8;
}

void mark_fragment(IpPacket& packet, bool more, bool later) {
  packet.fragment = packet.fragment || more || later;
  packet.first = !later;
}

// Steps over the extension header that `reader` stands before. False when it is not whole.
bool pass_extension(IpPacket& packet, base::Reader& reader) {
  const auto type = static_cast<Extension>(packet.protocol);
  const std::uint8_t next = reader.u8();
  const std::uint8_t length_field = reader.u8();
  const std::uint16_t fragment = reader.u16();
  (void)reader.view(extension_length(type, length_field) - 4);
  if (reader.failed()) return false;
  if (type == Extension::kFragment) {
    mark_fragment(packet, (fragment & kIpv6MoreFragments) != 0, (fragment & kIpv6OffsetMask) != 0);
  }
  packet.protocol = next;
  return true;
}

std::optional<IpPacket> read_ipv4(base::ByteView bytes) {
  base::Reader reader(bytes);
  const std::size_t header_length = std::size_t{reader.u8() & 15U} * 4;
  (void)reader.u8();  // type of service
  const std::size_t total_length = reader.u16();
  (void)reader.u16();  // identification
  const std::uint16_t fragment = reader.u16();
  (void)reader.u8();  // time to live
  IpPacket packet;
  packet.protocol = reader.u8();
  (void)reader.u16();  // checksum
  packet.source = base::Address::v4(reader.u32());
  packet.destination = base::Address::v4(reader.u32());
  if (reader.failed() || header_length < kIpv4HeaderLength) return std::nullopt;
  mark_fragment(packet, (fragment & kIpv4MoreFragments) != 0, (fragment & kIpv4OffsetMask) != 0);
  packet.complete = total_length >= header_length && total_length <= bytes.size();
  // What the link put behind the packet is not the packet's; a length of 0 is that of a segment still to be cut.
  if (total_length != 0) bytes = bytes.first(std::min(bytes.size(), total_length));
  if (packet.first && bytes.size() > header_length) packet.transport = bytes.subspan(header_length);
  return packet;
}

std::optional<IpPacket> read_ipv6(base::ByteView bytes) {
  base::Reader head(bytes);
  (void)head.u32();  // version, traffic class, flow label
  const std::size_t payload_length = head.u16();
  IpPacket packet;
  packet.protocol = head.u8();
  (void)head.u8();  // hop limit
  packet.source = base::Address(base::Family::kV6, head.number(16));
  packet.destination = base::Address(base::Family::kV6, head.number(16));
  if (head.failed()) return std::nullopt;
  packet.complete = payload_length != 0 && payload_length <= head.remaining();
  const base::ByteView payload = bytes.subspan(kIpv6HeaderLength, packet.complete ? payload_length : head.remaining());
  base::Reader reader(payload);
  for (std::size_t passed = 0; packet.first && is_extension(packet.protocol); ++passed) {
    if (passed == kMaxExtensionHeaders || !pass_extension(packet, reader)) packet.first = false;
  }
  if (packet.first) packet.transport = payload.subspan(reader.offset());
  return packet;
}

}  // namespace

std::optional<IpPacket> read_ip(base::ByteView bytes) {
  if (bytes.empty()) return std::nullopt;
  switch (bytes.front() >> 4) {
    case 4: return read_ipv4(bytes);
    case 6: return read_ipv6(bytes);
    default: return std::nullopt;
  }
}

}  // namespace wire
