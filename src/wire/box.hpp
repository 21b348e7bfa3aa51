// What packet summary and response payload have in common: the fixed bytes in front, and the rule for ports.
#pragma once

#include "base/protocol.hpp"
#include "wire/chain.hpp"
#include "wire/chain_writer.hpp"

namespace wire {

/// Positions in the payload, its generic header included.
inline constexpr std::size_t kPayloadLengthAt = 2;
inline constexpr std::size_t kBoxVersionAt = 20;
inline constexpr std::size_t kBoxIpVersionAt = 21;
inline constexpr std::size_t kBoxProtocolAt = 22;
inline constexpr std::size_t kBoxFlagsAt = 23;

inline constexpr std::uint8_t kNoFlags = 0;

/// Version, IP version, protocol and flags.
struct Box {
  base::Family family{};
  std::uint8_t protocol = 0;
  std::uint8_t flags = 0;
};

/// The names under which the two payloads report the same faults.
struct BoxErrors {
  Error length;
  Error version;
  Error ip_version;
  Error reserved_set;
};

/// Reads the fixed bytes behind the hash of `payload`, whose length must be `length_of(family)`. Flags outside
/// `known_flags` are `errors.reserved_set`. Without `length_of` the caller judges the length.
[[nodiscard]] bool decode_box(const Payload& payload, const BoxErrors& errors, std::size_t (*length_of)(base::Family),
                              std::uint8_t known_flags, Box& box, DecodeError& error);

/// Starts a vendor payload of `length` bytes with `hash`, and writes the fixed bytes.
void begin_box(const VendorHash& hash, Box box, std::size_t length, ChainWriter& out);

/// True when these ports may stand beside that protocol: zero, or it has ports, or it is ICMP and they are bytes.
[[nodiscard]] constexpr bool ports_fit(std::uint8_t protocol, std::uint16_t one, std::uint16_t other) {
  if ((one | other) == 0) return true;
  const auto named = static_cast<base::Protocol>(protocol);
  if (base::is_icmp(named)) return one <= 255 && other <= 255;
  return base::has_ports(named);
}

}  // namespace wire
