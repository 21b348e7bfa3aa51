// The chain of payloads behind the header (RFC 2408 section 3.2): walked when decoding, linked when encoding.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/constants.hpp"
#include "wire/error.hpp"
#include "wire/header.hpp"

namespace wire {

/// One payload. Offsets count from the start of the datagram, so that errors can name a place in it.
struct Payload {
  std::uint8_t type = 0;
  std::size_t offset = 0;  ///< of its generic header
  base::ByteView body;     ///< what follows the generic header

  /// `what` is wrong with this payload, `position` bytes behind its start.
  [[nodiscard]] std::unexpected<DecodeError> error(Error what, std::size_t position = 0) const {
    return std::unexpected(DecodeError{what, offset + position});
  }
};

/// Walks a chain. The datagram must outlive the walk and the payloads it gave.
class ChainReader {
 public:
  /// `datagram` with its header, which names the type of the first payload.
  ChainReader(base::ByteView datagram, std::uint8_t first_payload);

  [[nodiscard]] bool done() const { return next_type_ == 0; }
  [[nodiscard]] std::size_t offset() const { return offset_; }

  /// The next payload. Not to be called when done().
  [[nodiscard]] base::Result<Payload, DecodeError> next();

  /// The end, in no payload's name: an error when the datagram goes on behind the last payload.
  [[nodiscard]] base::Result<std::size_t, DecodeError> end() const;

 private:
  base::ByteView datagram_;
  std::size_t offset_;
  std::size_t count_ = 0;
  std::uint8_t next_type_;
};

/// Writes a datagram of a length known beforehand: header first, then payloads in order. Writing beyond that length, or
/// less, is an error of the caller's that the tests of the lengths (layout.hpp) rule out.
class ChainWriter {
 public:
  ChainWriter(std::size_t length, const Header& header);

  /// Starts a payload of `length` bytes, its generic header included; its type goes into the place before it.
  void begin(PayloadType type, std::size_t length);

  void u8(std::uint8_t value) { bytes_[at_++] = value; }
  void u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value));
  }
  void u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value >> 16));
    u16(static_cast<std::uint16_t>(value));
  }
  void append(base::ByteView view) {
    std::ranges::copy(view, bytes_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += view.size();
  }
  /// Leaves `count` bytes zero.
  void skip(std::size_t count) { at_ += count; }
  /// The low bytes of `bits` in the width of that family: an address or a mask.
  void bits(base::Uint128 bits, base::Family family);

  [[nodiscard]] base::Bytes take() && { return std::move(bytes_); }

 private:
  base::Bytes bytes_;
  std::size_t at_ = 0;
  std::size_t next_field_;  // where the next payload's type goes
};

}  // namespace wire
