#include "base/protocol.hpp"

#include <array>

#include "base/number.hpp"

namespace base {

namespace {

struct Name {
  std::string_view name;
  Protocol protocol;
};

// The first name of a protocol is the one we write.
constexpr std::array kNames = {
    Name{"icmp", Protocol::kIcmp},       Name{"tcp", Protocol::kTcp},
    Name{"udp", Protocol::kUdp},         Name{"dccp", Protocol::kDccp},
    Name{"gre", Protocol::kGre},         Name{"esp", Protocol::kEsp},
    Name{"ah", Protocol::kAh},           Name{"ipv6-icmp", Protocol::kIpv6Icmp},
    Name{"icmpv6", Protocol::kIpv6Icmp}, Name{"sctp", Protocol::kSctp},
    Name{"udplite", Protocol::kUdpLite},
};

}  // namespace

Result<Protocol, TextError> parse_protocol(std::string_view text) {
  for (const Name& entry : kNames) {
    if (entry.name == text) return entry.protocol;
  }
  if (const auto value = parse_number<std::uint8_t>(text, 255)) return static_cast<Protocol>(*value);
  return std::unexpected(TextError{"'" + std::string(text) + "' is not an IP protocol",
                                   "write tcp, udp, icmp, ipv6-icmp, sctp, gre, esp, ah, or a number from 0 to 255"});
}

std::string text(Protocol protocol) {
  for (const Name& entry : kNames) {
    if (entry.protocol == protocol) return std::string(entry.name);
  }
  return std::to_string(number(protocol));
}

}  // namespace base
