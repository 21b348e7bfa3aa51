// What the protocol fixes, each with the section that fixes it. Local limits are in limits.hpp.
#pragma once

#include <array>
#include <cstdint>

namespace wire {

/// Where both messages are sent to (the seed, section 1.0; RFC 2408 section 2.5.1).
inline constexpr std::uint16_t kUdpPort = 500;

/// Major version 1, minor version 0, in one byte (RFC 2408 section 3.1). IKEv2 has 0x20 here, and some of its speakers
/// use exchange 240 for something else.
inline constexpr std::uint8_t kIsakmpVersion = 0x10;

/// The exchange types of the two messages (the seed, section 1.0).
enum class Exchange : std::uint8_t { kProbe = 240, kResponse = 241 };

/// The payload types we read and write (RFC 2408 section 3.1).
enum class PayloadType : std::uint8_t { kNone = 0, kId = 5, kCertificate = 6, kHash = 8, kSignature = 9, kVendor = 13 };

/// Identification types (RFC 2407 section 4.6.2.1).
enum class IdType : std::uint8_t { kIpv4 = 1, kIpv4Subnet = 4, kIpv6 = 5, kIpv6Subnet = 6 };

/// What RFC 2407 section 4.6.2 lets stand in the protocol and port of a phase 1 identity beside 0 and 0.
inline constexpr std::uint8_t kIkeProtocol = 17;
inline constexpr std::uint16_t kIkePort = 500;

/// The version of discovery (the seed, section 2.1, item 2).
inline constexpr std::uint8_t kDiscoveryVersion = 3;

/// The protocol byte of a response that is not limited to one protocol (docs/protocol.md section 6).
inline constexpr std::uint8_t kAnyProtocol = 0;
/// The port of a response that is not limited to one port (docs/protocol.md section 6).
inline constexpr std::uint16_t kAnyPort = 0;

/// How a certificate is encoded: X.509, for signatures (RFC 2408 section 3.9).
inline constexpr std::uint8_t kX509Signature = 4;

/// A vendor id: the MD5 of a string. Computed once and for all; nothing hashes at run time.
using VendorHash = std::array<std::uint8_t, 16>;

/// MD5("OpenTED TED version #3"): capability flags follow (docs/protocol.md section 4.3).
inline constexpr VendorHash kCapabilitiesHash{0xe0, 0xff, 0xa8, 0x39, 0x02, 0x76, 0xdd, 0xbd,
                                              0x9f, 0x68, 0x85, 0xa5, 0x1b, 0xee, 0x7f, 0x1d};
/// MD5("Cisco TED Probe version #3"): the packet summary follows (the seed, section 2.1, item 1).
inline constexpr VendorHash kSummaryHash{0x83, 0x20, 0x35, 0x5d, 0x3c, 0x37, 0xc2, 0xd9,
                                         0x5b, 0xad, 0xba, 0x15, 0xe7, 0x3c, 0x79, 0xf5};
/// MD5("OpenTED TED Response version #3"): the full proxy follows (docs/protocol.md section 6).
inline constexpr VendorHash kProxyHash{0x64, 0x93, 0x40, 0x3a, 0x84, 0xd2, 0x13, 0x59,
                                       0xed, 0x18, 0x23, 0xe9, 0x7c, 0x1b, 0x28, 0xee};
/// MD5("OpenTED TED Offer version #3"): lists and exemptions follow (docs/protocol.md section 6.2).
inline constexpr VendorHash kOfferHash{0x45, 0xb8, 0x40, 0x23, 0x62, 0xe2, 0x2d, 0x1a,
                                       0x36, 0xb5, 0x69, 0x47, 0x5a, 0x3b, 0x1c, 0x50};
/// MD5("OpenTED TED Proof version #3"): the time follows, and behind this payload what proves (docs/protocol.md 12).
inline constexpr VendorHash kProofHash{0xec, 0x9d, 0xea, 0x30, 0x59, 0xa0, 0x75, 0x15,
                                       0xd0, 0x51, 0xfe, 0x0c, 0x0c, 0x03, 0xb2, 0x53};
/// MD5("OpenTED TED padding"): zeros follow (docs/protocol.md section 4.4).
inline constexpr VendorHash kPaddingHash{0x9e, 0x67, 0x42, 0x4c, 0x2b, 0x40, 0x99, 0x65,
                                         0xca, 0x32, 0x30, 0x1e, 0x19, 0x42, 0xcf, 0x5c};

}  // namespace wire
