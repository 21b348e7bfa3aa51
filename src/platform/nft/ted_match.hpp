// What nft takes for a datagram of Tunnel Endpoint Discovery: protocol.md, section 5.
#pragma once

#include <string>
#include <string_view>

#include "platform/nft/guard.hpp"
#include "platform/nft/match.hpp"

namespace nft {

inline constexpr std::string_view kAnyTed = "{ 0x10f0, 0x10f1 }";
inline constexpr std::string_view kProbe = "0x10f0";
inline constexpr std::string_view kResponse = "0x10f1";

/// To port 500, with ISAKMP version 0x10 and exchange type 240 or 241 (`kind`), and between an ISAKMP header and the
/// longest datagram that we read, the UDP header with it: whoever writes two bytes in the right place gets no more than
/// that past a firewall's own rules, here as little as behind us, where what is not for us is sent on.
[[nodiscard]] inline std::string ted_match(std::string_view kind) {
  return "udp dport 500 udp length 36-4104 @th,200,16 " + std::string(kind) + " ";
}

/// What tedd sends, for the head of a chain: anything else is let go by one comparison, and of what has the mark from
/// elsewhere nothing passes that ted_match() does not let pass.
[[nodiscard]] inline std::string own_ted_match() {
  return "meta mark " + hexadecimal(kOwnMark) + " " + ted_match(kAnyTed);
}

}  // namespace nft
