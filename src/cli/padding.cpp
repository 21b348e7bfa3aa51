#include "cli/padding.hpp"

#include <fmt/format.h>

#include "wire/codec.hpp"
#include "wire/layout.hpp"
#include "wire/limits.hpp"

namespace cli {

base::Result<base::Bytes, base::TextError> encode_to_length(const wire::Message& message, std::size_t length) {
  base::Bytes datagram = wire::encode_exactly(message, length);
  if (!datagram.empty()) return datagram;
  const std::size_t needed = wire::unpadded_length(message);
  return std::unexpected(base::TextError{
      fmt::format("the datagram cannot be {} bytes long", length),
      fmt::format("it needs {}, or from {} to {} with padding; without \"length\" it is as long as usual", needed,
                  needed + wire::kBareVendorLength, wire::kMaxDatagramLength)});
}

}  // namespace cli
