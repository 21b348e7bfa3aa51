#include "cli/padding.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <variant>

#include "wire/chain.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/layout.hpp"
#include "wire/limits.hpp"

namespace cli {

namespace {

constexpr std::size_t kFirstPayloadAt = 16;  ///< in the ISAKMP header (RFC 2408 section 3.1): the first payload's type
constexpr std::size_t kLengthAt = 24;        ///< in the ISAKMP header: the datagram's length, four bytes

bool is_padding(const wire::Payload& payload) {
  return payload.type == static_cast<std::uint8_t>(wire::PayloadType::kVendor) &&
         payload.body.size() >= wire::kHashLength &&
         std::ranges::equal(payload.body.first(wire::kHashLength), wire::kPaddingHash);
}

/// Where the datagram ends without its padding, and where the type of a payload behind that would be written.
struct End {
  std::size_t length;
  std::size_t next_type_at;
};

/// `datagram` comes from our own encoder, so its chain is whole and padding stands last.
End end_without_padding(base::ByteView datagram) {
  End end{wire::kHeaderLength, kFirstPayloadAt};
  wire::ChainReader chain(datagram, datagram[kFirstPayloadAt]);
  while (!chain.done()) {
    wire::Payload payload;
    if (!chain.next(payload) || is_padding(payload)) break;
    end = {chain.offset(), payload.offset};
  }
  return end;
}

void append_padding(base::Bytes& datagram, std::size_t length) {
  base::Writer padding(length);
  padding.u8(static_cast<std::uint8_t>(wire::PayloadType::kNone));
  padding.u8(0);
  padding.u16(static_cast<std::uint16_t>(length));
  padding.append(wire::kPaddingHash);
  padding.zeros(length - wire::kBareVendorLength);
  const base::Bytes bytes = std::move(padding).take();
  datagram.insert(datagram.end(), bytes.begin(), bytes.end());
}

}  // namespace

base::Result<base::Bytes, base::TextError> encode_to_length(const wire::Message& message, std::size_t length) {
  base::Bytes datagram = std::visit([](const auto& said) { return wire::encode(said); }, message);
  const End end = end_without_padding(datagram);
  const bool padded = length > end.length;
  if (length < end.length || length > wire::kMaxDatagramLength ||
      (padded && length - end.length < wire::kBareVendorLength)) {
    return std::unexpected(base::TextError{
        fmt::format("the datagram cannot be {} bytes long", length),
        fmt::format("it needs {}, or from {} to {} with padding; without \"length\" it is as long as usual", end.length,
                    end.length + wire::kBareVendorLength, wire::kMaxDatagramLength)});
  }
  datagram.resize(end.length);
  datagram[end.next_type_at] =
      static_cast<std::uint8_t>(padded ? wire::PayloadType::kVendor : wire::PayloadType::kNone);
  if (padded) append_padding(datagram, length - end.length);
  datagram[kLengthAt] = 0;
  datagram[kLengthAt + 1] = 0;
  datagram[kLengthAt + 2] = static_cast<std::uint8_t>(length >> 8);
  datagram[kLengthAt + 3] = static_cast<std::uint8_t>(length);
  return datagram;
}

}  // namespace cli
