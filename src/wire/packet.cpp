#include "wire/packet.hpp"

#include <limits>

#include "base/protocol.hpp"
#include "wire/checksum.hpp"
#include "wire/ip.hpp"

namespace wire {

namespace {

constexpr std::uint8_t kHopLimit = 64;
constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint8_t kUdp = base::number(base::Protocol::kUdp);

constexpr std::size_t kIpv4TtlAt = 8;
constexpr std::size_t kIpv4ChecksumAt = 10;
constexpr std::size_t kIpv6HopLimitAt = 7;
constexpr std::size_t kUdpChecksumAt = 6;

void write_ipv4_header(const base::Address& source, const base::Address& destination, std::size_t length,
                       base::Writer& out) {
  const std::size_t start = out.size();
  out.u8(0x45);  // version 4, five words
  out.u8(0);     // type of service
  out.u16(static_cast<std::uint16_t>(kIpv4HeaderLength + length));
  out.u16(0);  // identification: means nothing in a packet that is never fragmented (RFC 6864)
  out.u16(kDontFragment);
  out.u8(kHopLimit);
  out.u8(kUdp);
  out.u16(0);  // checksum, below
  out.number(source.value(), 4);
  out.number(destination.value(), 4);
  Checksum sum;
  sum.add(out.view().subspan(start));
  out.put_u16_at(start + kIpv4ChecksumAt, sum.value());
}

void write_ipv6_header(const base::Address& source, const base::Address& destination, std::size_t length,
                       base::Writer& out) {
  out.u32(6U << 28);
  out.u16(static_cast<std::uint16_t>(length));
  out.u8(kUdp);
  out.u8(kHopLimit);
  out.number(source.value(), 16);
  out.number(destination.value(), 16);
}

// `udp` has its checksum field still zero.
std::uint16_t udp_checksum(const base::Address& source, const base::Address& destination, base::ByteView udp) {
  Checksum sum = pseudo_header(source, destination, kUdp, udp.size());
  sum.add(udp);
  return written(sum);
}

bool decrement_ipv4(std::span<std::uint8_t> packet) {
  const std::size_t header_length = std::size_t{packet[0] & 15U} * 4;
  if (header_length < kIpv4HeaderLength || header_length > packet.size() || packet[kIpv4TtlAt] <= 1) return false;
  const auto word_at = [packet](std::size_t at) {
    return static_cast<std::uint16_t>(packet[at] << 8 | packet[at + 1]);
  };
  const std::uint16_t before = word_at(kIpv4TtlAt);
  --packet[kIpv4TtlAt];
  const std::uint16_t mended = updated_checksum(word_at(kIpv4ChecksumAt), before, word_at(kIpv4TtlAt));
  packet[kIpv4ChecksumAt] = static_cast<std::uint8_t>(mended >> 8);
  packet[kIpv4ChecksumAt + 1] = static_cast<std::uint8_t>(mended);
  return true;
}

}  // namespace

std::optional<base::Flow> flow_of(base::ByteView packet) {
  const auto ip = read_ip(packet);
  if (!ip) return std::nullopt;
  base::Flow flow{ip->source, ip->destination, static_cast<base::Protocol>(ip->protocol), 0, 0};
  base::Reader reader(ip->transport);
  if (base::has_ports(flow.protocol) && reader.remaining() >= 4) {
    flow.source_port = reader.u16();
    flow.destination_port = reader.u16();
  } else if (base::is_icmp(flow.protocol) && reader.remaining() >= 2) {
    flow.source_port = reader.u8();
    flow.destination_port = reader.u8();
  }
  return flow;
}

std::optional<UdpDatagram> udp_of(base::ByteView packet) {
  const auto ip = read_ip(packet);
  if (!ip || !ip->complete || !ip->first || ip->fragment || ip->protocol != kUdp) return std::nullopt;
  base::Reader reader(ip->transport);
  UdpDatagram datagram{ip->source, ip->destination, 0, 0, {}};
  datagram.source_port = reader.u16();
  datagram.destination_port = reader.u16();
  const std::size_t length = reader.u16();
  (void)reader.u16();  // checksum
  if (reader.failed() || length != ip->transport.size()) return std::nullopt;
  datagram.payload = ip->transport.subspan(kUdpHeaderLength);
  return datagram;
}

base::Bytes udp_packet(const base::Address& source, const base::Address& destination, std::uint16_t source_port,
                       std::uint16_t destination_port, base::ByteView payload) {
  const std::size_t udp_length = kUdpHeaderLength + payload.size();
  const bool v4 = source.family() == base::Family::kV4;
  const std::size_t ip_length = v4 ? kIpv4HeaderLength : kIpv6HeaderLength;
  if (ip_length + udp_length > std::numeric_limits<std::uint16_t>::max()) return {};
  base::Writer out(ip_length + udp_length);
  if (v4) {
    write_ipv4_header(source, destination, udp_length, out);
  } else {
    write_ipv6_header(source, destination, udp_length, out);
  }
  out.u16(source_port);
  out.u16(destination_port);
  out.u16(static_cast<std::uint16_t>(udp_length));
  out.u16(0);  // checksum, below
  out.append(payload);
  out.put_u16_at(ip_length + kUdpChecksumAt, udp_checksum(source, destination, out.view().subspan(ip_length)));
  return std::move(out).take();
}

bool decrement_hop_limit(std::span<std::uint8_t> packet) {
  if (packet.empty()) return false;
  const unsigned version = packet.front() >> 4;
  if (version == 4 && packet.size() >= kIpv4HeaderLength) return decrement_ipv4(packet);
  if (version != 6 || packet.size() < kIpv6HeaderLength || packet[kIpv6HopLimitAt] <= 1) return false;
  --packet[kIpv6HopLimitAt];
  return true;
}

}  // namespace wire
