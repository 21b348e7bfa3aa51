// IP protocol numbers (IANA "Assigned Internet Protocol Numbers") and the names we write and read for them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text_error.hpp"

namespace base {

/// Any value from 0 to 255 is a protocol; the named ones are those whose headers we look into or write by name.
enum class Protocol : std::uint8_t {
  kIcmp = 1,
  kTcp = 6,
  kUdp = 17,
  kDccp = 33,
  kGre = 47,
  kEsp = 50,
  kAh = 51,
  kIpv6Icmp = 58,
  kSctp = 132,
  kUdpLite = 136,
};

[[nodiscard]] constexpr std::uint8_t number(Protocol protocol) {
  return static_cast<std::uint8_t>(protocol);
}

/// True when the first four bytes behind the IP header are source and destination port.
[[nodiscard]] constexpr bool has_ports(Protocol protocol) {
  return protocol == Protocol::kTcp || protocol == Protocol::kUdp || protocol == Protocol::kSctp ||
         protocol == Protocol::kDccp || protocol == Protocol::kUdpLite;
}
/// True when the port fields of flows and selectors hold type (source) and code (destination), as in the kernel.
[[nodiscard]] constexpr bool is_icmp(Protocol protocol) {
  return protocol == Protocol::kIcmp || protocol == Protocol::kIpv6Icmp;
}

/// A name (`tcp`, `ipv6-icmp`, …) or a number from 0 to 255.
[[nodiscard]] Result<Protocol, TextError> parse_protocol(std::string_view text);
/// The name where there is one, else the number.
[[nodiscard]] std::string text(Protocol protocol);

}  // namespace base
