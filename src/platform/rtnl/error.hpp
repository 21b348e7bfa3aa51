// What can go wrong when the kernel is asked for its routes.
#pragma once

#include <cstdint>
#include <string>

namespace rtnl {

enum class ErrorCode : std::uint8_t {
  kNoSocket,     ///< no netlink socket to be had; `system` says why
  kRefused,      ///< the kernel answers with an error, or not at all; `system` says which
  kInterrupted,  ///< the tables changed while they were listed, again and again; ask later
  kTooMany,      ///< more links, addresses and routes than kMaxEntries
};

struct Error {
  ErrorCode code{};
  int system = 0;  ///< errno, or 0
};

/// For the log: what failed and the system's reason.
[[nodiscard]] std::string text(const Error& error);

}  // namespace rtnl
