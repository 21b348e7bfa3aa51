// The chain of payloads behind the header (RFC 2408 section 3.2), walked.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "wire/error.hpp"
#include "wire/layout.hpp"
#include "wire/limits.hpp"

namespace wire {

/// One payload. Offsets count from the start of the datagram, so that errors can name a place in it.
struct Payload {
  std::uint8_t type = 0;
  std::size_t offset = 0;  ///< of its generic header
  base::ByteView body;     ///< what follows the generic header

  /// Notes that `what` is wrong with this payload, `position` bytes behind its start; false.
  bool fail(DecodeError& error, Error what, std::size_t position = 0) const {
    return wire::fail(error, what, offset + position);
  }
};

/// Walks a chain; in the header because every payload passes through it. The datagram must outlive the walk and the
/// payloads it gave.
class ChainReader {
 public:
  /// `datagram` with its header, which names the type of the first payload.
  ChainReader(base::ByteView datagram, std::uint8_t first_payload) : reader_(datagram), next_type_(first_payload) {
    (void)reader_.view(kHeaderLength);
  }

  [[nodiscard]] bool done() const { return next_type_ == 0; }
  [[nodiscard]] std::size_t offset() const { return reader_.offset(); }

  /// Reads the next payload. Not to be called when done().
  [[nodiscard]] bool next(Payload& payload, DecodeError& error) {
    payload = {next_type_, offset(), {}};
    if (count_++ == kMaxPayloads) return payload.fail(error, Error::kTooManyPayloads);
    const std::uint32_t head = reader_.u32();  // next payload, reserved, length: one read for all
    if (reader_.failed()) return payload.fail(error, Error::kTruncatedPayload);
    next_type_ = static_cast<std::uint8_t>(head >> 24);
    const std::size_t length = head & 0xffffU;
    if ((head >> 16 & 0xffU) != 0) return payload.fail(error, Error::kReservedSet, kReservedAt);
    if (length < kPayloadHeaderLength) return payload.fail(error, Error::kPayloadTooShort, kLengthAt);
    payload.body = reader_.view(length - kPayloadHeaderLength);
    return !reader_.failed() || payload.fail(error, Error::kTruncatedPayload);
  }

  /// An error when the datagram goes on behind the last payload.
  [[nodiscard]] bool end(DecodeError& error) const {
    return reader_.remaining() == 0 || fail(error, Error::kTrailingBytes, offset());
  }

 private:
  // Offsets in the generic header.
  static constexpr std::size_t kReservedAt = 1;
  static constexpr std::size_t kLengthAt = 2;

  base::Reader reader_;
  std::size_t count_ = 0;
  std::uint8_t next_type_;
};

}  // namespace wire
