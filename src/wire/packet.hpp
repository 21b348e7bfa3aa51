// IP packets as they come off the wire or go onto it: just enough of IPv4, IPv6, UDP and ICMP for discovery.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/flow.hpp"

namespace wire {

/// The flow that an IP packet (from its IP header on, maybe cut short behind the transport ports) belongs to. Later
/// fragments and packets cut before their ports have no ports: both are 0. Nothing when it is no IP packet. IPv6
/// extension headers (hop-by-hop, routing, destination, fragment, AH) are walked, at most 8 of them; where that ends
/// early the protocol is the number of the header it ended at.
[[nodiscard]] std::optional<base::Flow> flow_of(base::ByteView packet);

/// A UDP datagram found in an IP packet. `payload` points into that packet.
struct UdpDatagram {
  base::Address source;
  base::Address destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  base::ByteView payload;
};

/// The whole, unfragmented UDP datagram in `packet`; nothing when it is something else or its lengths do not agree.
/// Bytes behind the packet's own length are not the packet's (link padding). Checksums are not checked: the kernel or
/// the sender's own stack did, and a probe proves nothing anyway.
[[nodiscard]] std::optional<UdpDatagram> udp_of(base::ByteView packet);

/// An IP packet with a UDP datagram in it, checksums filled, hop limit 64, don't-fragment set: for a raw socket that
/// takes the IP header as given. Both addresses are of one family. Empty when the payload is too long for a UDP
/// datagram.
[[nodiscard]] base::Bytes udp_packet(const base::Address& source, const base::Address& destination,
                                     std::uint16_t source_port, std::uint16_t destination_port, base::ByteView payload);

/// Takes one from the packet's TTL or hop limit and mends the IPv4 header checksum (RFC 1624). False, and untouched,
/// when it is no IP packet or would arrive at zero: the caller drops and counts it.
[[nodiscard]] bool decrement_hop_limit(std::span<std::uint8_t> packet);

}  // namespace wire
