// Datagrams to messages and back. A datagram is decoded whole or not at all.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/error.hpp"
#include "wire/layout.hpp"
#include "wire/message.hpp"

namespace wire {

/// The message in `datagram` (a UDP payload, from the ISAKMP header on), or the first thing that is wrong with it and
/// where. Unknown payloads and unknown vendor ids are skipped. The caller counts an error by its name and drops the
/// datagram, or lets it travel on when it was not addressed to us. Not checked: whether addresses make sense, who sent
/// it, cookies beyond zero and non-zero.
[[nodiscard]] base::Result<Message, DecodeError> decode(base::ByteView datagram);

/// The datagram of `probe`, padded with a vendor payload to kPaddedProbeLength bytes so that any response fits
/// (docs/protocol.md section 9). Summary and half proxy are of one family; ports stand only beside protocols that have
/// them, and the protocol is not 0.
[[nodiscard]] base::Bytes encode(const Probe& probe);

/// The same, padded to list_probe_length(): room for an answer with a list. `probe` has a summary.
[[nodiscard]] base::Bytes encode_for_list(const Probe& probe);

/// The datagram of `response`, without padding. Proxy and half proxy are of one family, and one of them is there. Port
/// parts of the proxy are any port or one port that is not 0 (wire/proxy.hpp): the caller narrows ranges before.
[[nodiscard]] base::Bytes encode(const Response& response);

/// The fullest form of `response` that is at most `limit` bytes long: the list goes first, then the half proxy, then
/// the vendor payload. In the draft form the half proxy stays: it is the answer. Empty when even the bare form is
/// longer: the caller does not answer and counts it.
[[nodiscard]] base::Bytes encode_within(const Response& response, std::size_t limit);

/// The bytes that `message` needs without padding.
[[nodiscard]] std::size_t unpadded_length(const Message& message);

/// The datagram of `message`, exactly `length` bytes long: padded where it needs less, for datagrams of a length that
/// somebody asked for. Empty when it needs more, when the room left is too small for padding (1 to 19 bytes), or beyond
/// the longest datagram that decode takes.
[[nodiscard]] base::Bytes encode_exactly(const Message& message, std::size_t length);

}  // namespace wire
