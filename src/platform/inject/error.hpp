// What can go wrong when packets are put on their way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace inject {

enum class ErrorCode : std::uint8_t {
  kNoPermission,         ///< open: CAP_NET_RAW (or, for mark, policy bypass or a device, CAP_NET_ADMIN) is missing
  kPolicyBypassRefused,  ///< open: the kernel takes no policy on a socket; what we send could enter a tunnel
  kNoDevice,             ///< open: no interface of that name; send: it went away or is down
  kMalformed,            ///< send: no IPv4 or IPv6 header, or its length is not the packet's; drop the packet
  kNoFamily,             ///< send: this machine has no IPv4, or no IPv6
  kNoRoute,              ///< send: no route to the destination; drop the packet
  kFiltered,             ///< send: a netfilter output rule dropped it; drop the packet, tell the operator
  kTooLong,              ///< send: longer than the way out takes; drop the packet
  kQueueFull,            ///< send: no room for it now; drop it, as a router would
  kRoutingRule,          ///< install: the kernel takes no routing rule for the mark
  kSystem,               ///< anything else; `system` says what
};
inline constexpr std::size_t kErrorCodes = 11;

struct Error {
  ErrorCode code{};
  int system = 0;  ///< errno, or 0
};

/// For the log: what failed and the system's reason.
[[nodiscard]] std::string text(const Error& error);

}  // namespace inject
