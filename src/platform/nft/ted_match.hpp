// What nft takes for a datagram of Tunnel Endpoint Discovery: protocol.md, section 5.
#pragma once

#include <string>
#include <string_view>

namespace nft {

inline constexpr std::string_view kAnyTed = "{ 0x10f0, 0x10f1 }";
inline constexpr std::string_view kProbe = "0x10f0";
inline constexpr std::string_view kResponse = "0x10f1";

/// To port 500, with ISAKMP version 0x10 and exchange type 240 or 241 (`kind`).
[[nodiscard]] inline std::string ted_match(std::string_view kind) {
  return "udp dport 500 @th,200,16 " + std::string(kind) + " ";
}

}  // namespace nft
