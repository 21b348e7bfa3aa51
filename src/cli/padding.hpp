// Datagrams of a length that somebody asked for.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/text_error.hpp"
#include "wire/message.hpp"

namespace cli {

/// The datagram of `message`, exactly `length` bytes long: padded where the message needs less. Errors: the message
/// needs more, the room left is too small for a padding payload, or no datagram can be that long.
[[nodiscard]] base::Result<base::Bytes, base::TextError> encode_to_length(const wire::Message& message,
                                                                          std::size_t length);

}  // namespace cli
