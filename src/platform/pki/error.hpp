// What is wrong with a certificate, a key or a file of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pki {

enum class ErrorCode : std::uint8_t {
  kUnreadable,    ///< the file cannot be read, or is no regular file
  kOpenToOthers,  ///< of a private key: its group or others may use the file
  kTooLarge,      ///< more bytes or certificates than limits.hpp allows
  kMalformed,     ///< not what it should be, or damaged
  kUnsuitable,    ///< a kind of key or certificate that does not serve for this
  kExpired,
  kNotYetValid,
  kUnknownIssuer,  ///< no authority that we trust has signed it
  kRevoked,
  kRevocationsStale,  ///< its issuer's revocation list is not of today: nobody knows what has been revoked since
  kBlocksMissing,     ///< it has address blocks (RFC 3779), and the authority above it has none to give
  kBlocksOutside,     ///< its address blocks are not all in those of the authority above it
  kWrongSignature,
  kRefused,      ///< whatever else OpenSSL finds wrong
  kNotExamined,  ///< nobody could examine it now: it may be good or not
};

/// One word for logs, metrics and JSON: `unknown-issuer`.
[[nodiscard]] std::string_view name(ErrorCode code);

struct Error {
  ErrorCode code{};
  std::string message;  ///< for people: what, why, and the way out where there is one
};

}  // namespace pki
