// The ISAKMP header of a discovery message (RFC 2408 section 3.1).
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/constants.hpp"
#include "wire/error.hpp"
#include "wire/message.hpp"

namespace wire {

struct Header {
  Cookie initiator_cookie{};
  Cookie responder_cookie{};  ///< zero in a probe, not zero in a response
  std::uint8_t first_payload = 0;
  Exchange exchange{};
};

/// The header at the front of `datagram`, which is exactly as long as that header says. Every field that discovery
/// fixes has been checked; the payloads have not.
[[nodiscard]] base::Result<Header, DecodeError> decode_header(base::ByteView datagram);

}  // namespace wire
