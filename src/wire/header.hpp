// The ISAKMP header of a discovery message (RFC 2408 section 3.1).
#pragma once

#include "base/bytes.hpp"
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

/// Reads the header at the front of `datagram`, which is exactly as long as that header says. Every field that
/// discovery fixes is checked; the payloads are not.
[[nodiscard]] bool decode_header(base::ByteView datagram, Header& header, DecodeError& error);

}  // namespace wire
