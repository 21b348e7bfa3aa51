#include "wire/packet.hpp"

#include <array>
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

using Head = std::array<std::uint8_t, kIpv6HeaderLength + kUdpHeaderLength>;

/// Into the front of `head`; how long it is. `length` is that of what follows.
std::size_t write_ipv4_header(const base::Address& source, const base::Address& destination, std::size_t length,
                              Head& head) {
  const std::span<std::uint8_t, kIpv4HeaderLength> out = std::span(head).first<kIpv4HeaderLength>();
  const auto total = static_cast<std::uint16_t>(kIpv4HeaderLength + length);
  // Version 4, five words; type of service 0. The identification behind it means nothing in a packet that is never
  // fragmented (RFC 6864), and is 0 as well.
  base::store(std::uint32_t{0x4500U << 16 | total}, out.subspan<0, 4>());
  base::store(std::uint32_t{kDontFragment}, out.subspan<4, 4>());
  base::store(std::uint32_t{kHopLimit << 24 | kUdp << 16}, out.subspan<8, 4>());  // checksum, below
  base::store(static_cast<std::uint32_t>(source.value()), out.subspan<12, 4>());
  base::store(static_cast<std::uint32_t>(destination.value()), out.subspan<16, 4>());
  Checksum sum;
  sum.add(std::uint16_t{0x4500});
  sum.add(total);
  sum.add(kDontFragment);
  sum.add(std::uint16_t{kHopLimit << 8 | kUdp});
  sum.add(source);
  sum.add(destination);
  base::store(sum.value(), out.subspan<kIpv4ChecksumAt, 2>());
  return kIpv4HeaderLength;
}

std::size_t write_ipv6_header(const base::Address& source, const base::Address& destination, std::size_t length,
                              Head& head) {
  const std::span<std::uint8_t, kIpv6HeaderLength> out = std::span(head).first<kIpv6HeaderLength>();
  const auto put = [](const base::Address& address, std::span<std::uint8_t, 16> to) {
    base::store(static_cast<std::uint64_t>(address.value() >> 64), to.first<8>());
    base::store(static_cast<std::uint64_t>(address.value()), to.last<8>());
  };
  base::store(std::uint32_t{6U << 28}, out.subspan<0, 4>());
  base::store(static_cast<std::uint32_t>(length << 16 | kUdp << 8 | kHopLimit), out.subspan<4, 4>());
  put(source, out.subspan<8, 16>());
  put(destination, out.subspan<24, 16>());
  return kIpv6HeaderLength;
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
  Head head;
  const std::size_t udp_at = v4 ? write_ipv4_header(source, destination, udp_length, head)
                                : write_ipv6_header(source, destination, udp_length, head);
  const std::span<std::uint8_t, kUdpHeaderLength> udp = std::span(head).subspan(udp_at).first<kUdpHeaderLength>();
  base::store(static_cast<std::uint32_t>(source_port << 16 | destination_port), udp.first<4>());
  base::store(static_cast<std::uint32_t>(udp_length << 16), udp.last<4>());  // checksum, below
  Checksum sum = pseudo_header(source, destination, kUdp, udp_length);
  sum.add(source_port);
  sum.add(destination_port);
  sum.add(static_cast<std::uint16_t>(udp_length));
  sum.add(payload);
  base::store(written(sum), udp.last<2>());
  base::Bytes packet;
  packet.reserve(ip_length + udp_length);
  packet.assign(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(ip_length + kUdpHeaderLength));
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
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
