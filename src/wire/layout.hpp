// How long everything is. All lengths are in bytes and include the payload's generic header.
#pragma once

#include <cstddef>

#include "base/address.hpp"
#include "wire/ip.hpp"

namespace wire {

inline constexpr std::size_t kHeaderLength = 28;        ///< ISAKMP header (RFC 2408 section 3.1)
inline constexpr std::size_t kPayloadHeaderLength = 4;  ///< next payload, reserved, length (RFC 2408 section 3.2)
inline constexpr std::size_t kIdFixedLength = 4;        ///< type, protocol, port (RFC 2407 section 4.6.2)
inline constexpr std::size_t kHashLength = 16;          ///< the vendor id
inline constexpr std::size_t kBoxFixedLength = 4;       ///< version, IP version, protocol, reserved
inline constexpr std::size_t kPortsLength = 4;          ///< two ports

/// A vendor payload with nothing behind its hash: also the shortest padding.
inline constexpr std::size_t kBareVendorLength = kPayloadHeaderLength + kHashLength;
inline constexpr std::size_t kCapabilitiesLength = kBareVendorLength + 4;

/// An ID payload with that many addresses: one for an address, two for a subnet.
[[nodiscard]] constexpr std::size_t id_length(base::Family family, std::size_t addresses) {
  return kPayloadHeaderLength + kIdFixedLength + addresses * base::octets(family);
}
/// The packet summary: source and destination.
[[nodiscard]] constexpr std::size_t summary_length(base::Family family) {
  return kBareVendorLength + kBoxFixedLength + 2 * base::octets(family) + kPortsLength;
}
/// The full proxy: local and remote, each with its mask.
[[nodiscard]] constexpr std::size_t proxy_length(base::Family family) {
  return kBareVendorLength + kBoxFixedLength + 4 * base::octets(family) + kPortsLength;
}

/// The longest response there is, and so the length that every probe is padded to: no answer is longer than the probe
/// that caused it, and none needs to leave anything out (docs/protocol.md section 9).
inline constexpr std::size_t kPaddedProbeLength = kHeaderLength + kCapabilitiesLength +
                                                  id_length(base::Family::kV6, 1) + id_length(base::Family::kV6, 2) +
                                                  proxy_length(base::Family::kV6);
static_assert(kPaddedProbeLength == 208);

/// What a probe that asks for a list is padded to: the datagram that every IPv4 host takes (RFC 791) and that every
/// IPv6 link carries (RFC 8200), without the IP and UDP headers.
[[nodiscard]] constexpr std::size_t list_probe_length(base::Family family) {
  return family == base::Family::kV4 ? 576 - 20 - 8 : 1280 - 40 - 8;
}

/// The parts of a proof: the payload with the time that opens it, keyed hash, signature, and a certificate's payload
/// without the certificate (docs/protocol.md section 12).
inline constexpr std::size_t kProofLength = kBareVendorLength + 8;
inline constexpr std::size_t kKeyedHashLength = kPayloadHeaderLength + 32;
inline constexpr std::size_t kSignatureLength = kPayloadHeaderLength + 64;
inline constexpr std::size_t kCertificateFixedLength = kPayloadHeaderLength + 1;

/// What certificates and signature of one gateway may take at most. With it a signed probe about an IPv4 flow is a
/// packet of 1400 bytes, which links carry that are not Ethernet as well.
inline constexpr std::size_t kMaxSignedLength = 824;

/// What a probe that proves itself with a signature is padded to, its proof included. An IPv6 flow's packet has 1400
/// bytes as well: there is less room for its answer's offer.
[[nodiscard]] constexpr std::size_t signed_probe_length(base::Family family) {
  return family == base::Family::kV4 ? list_probe_length(family) + kMaxSignedLength : 1400 - 40 - 8;
}

/// By how much an answer to a gateway of that family has a longer IP header than the probe for a flow of the other: it
/// must not make the answer longer than the probe either.
[[nodiscard]] constexpr std::size_t longer_ip_header(base::Family flow, base::Family gateway) {
  return flow == base::Family::kV4 && gateway == base::Family::kV6 ? kIpv6HeaderLength - kIpv4HeaderLength : 0;
}

/// The longest probe before it is padded.
inline constexpr std::size_t kLongestProbeLength = kHeaderLength + kCapabilitiesLength +
                                                   id_length(base::Family::kV6, 1) + id_length(base::Family::kV6, 2) +
                                                   summary_length(base::Family::kV6);

}  // namespace wire
