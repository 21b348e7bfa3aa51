// The ISAKMP header of a discovery message (RFC 2408 section 3.1).
#pragma once

#include "base/bytes.hpp"
#include "wire/constants.hpp"
#include "wire/error.hpp"
#include "wire/message.hpp"

namespace wire {

/// Where the responder cookie stands.
inline constexpr std::size_t kResponderCookieAt = 8;

struct Header {
  Cookie initiator_cookie{};
  Cookie responder_cookie{};  ///< not zero in a response, nor in a probe that echoes one
  std::uint8_t first_payload = 0;
  Exchange exchange{};
};

/// Reads the header at the front of `datagram`, which is exactly as long as that header says. Every field that
/// discovery fixes is checked; the payloads are not.
[[nodiscard]] bool decode_header(base::ByteView datagram, Header& header, DecodeError& error);

}  // namespace wire
