// The IP header of a packet and the way behind its extension headers. Internal to packet.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace wire {

/// IPv4 (RFC 791 section 3.1) and IPv6 (RFC 8200 section 3) headers without options and extensions.
inline constexpr std::size_t kIpv4HeaderLength = 20;
inline constexpr std::size_t kIpv6HeaderLength = 40;
inline constexpr std::size_t kUdpHeaderLength = 8;

/// What an IP packet says before its transport header.
struct IpPacket {
  base::Address source;
  base::Address destination;
  std::uint8_t protocol = 0;  ///< of the transport, or of the extension header that could not be passed
  bool first = true;          ///< the transport header is here: not a later fragment, no header left in between
  bool fragment = false;      ///< one of several
  bool complete = false;      ///< the length that the header states is here and makes sense
  base::ByteView transport;   ///< from the transport header to the packet's end; empty when it is not first
};

/// The packet at the front of `bytes`, or nothing when there is no whole IP header.
[[nodiscard]] std::optional<IpPacket> read_ip(base::ByteView bytes);

}  // namespace wire
