// Bounds-checked reading and writing of big-endian bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/uint128.hpp"

namespace base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Reads from the front of a view. A read past the end sets failed() and yields zero, so that a decoder may read a
/// whole fixed part and test once. The view must outlive the reader.
class Reader {
 public:
  explicit constexpr Reader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] constexpr bool failed() const { return failed_; }
  [[nodiscard]] constexpr std::size_t offset() const { return offset_; }
  [[nodiscard]] constexpr std::size_t remaining() const { return bytes_.size() - offset_; }

  constexpr std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  constexpr std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  constexpr std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  constexpr std::uint64_t u64() { return static_cast<std::uint64_t>(number(8)); }

  /// `width` bytes (at most 16) as one big-endian number.
  constexpr Uint128 number(std::size_t width) {
    Uint128 value = 0;
    for (std::uint8_t byte : view(width)) value = (value << 8) | byte;
    return value;
  }

  /// The next `length` bytes; empty, and failed(), when there are fewer.
  constexpr ByteView view(std::size_t length) {
    if (failed_ || length > remaining()) {
      failed_ = true;
      return {};
    }
    ByteView taken = bytes_.subspan(offset_, length);
    offset_ += length;
    return taken;
  }

 private:
  ByteView bytes_;
  std::size_t offset_ = 0;
  bool failed_ = false;
};

/// Appends big-endian values to a buffer of its own.
class Writer {
 public:
  explicit Writer(std::size_t expected = 0) { bytes_.reserve(expected); }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  /// What has been written; dies with the next write.
  [[nodiscard]] ByteView view() const { return bytes_; }

  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }

  /// The low `width` bytes (at most 16) of `value`, most significant first.
  void number(Uint128 value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void append(ByteView view) { bytes_.insert(bytes_.end(), view.begin(), view.end()); }
  void zeros(std::size_t count) { bytes_.insert(bytes_.end(), count, 0); }

  /// Overwrites the two bytes at `offset`, which must already have been written: for lengths known at the end.
  void put_u16_at(std::size_t offset, std::uint16_t value) {
    bytes_[offset] = static_cast<std::uint8_t>(value >> 8);
    bytes_[offset + 1] = static_cast<std::uint8_t>(value);
  }

  [[nodiscard]] Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

}  // namespace base
