// Bounds-checked reading and writing of big-endian bytes.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/uint128.hpp"

namespace base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The big-endian number in exactly that many bytes: one load and one swap.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T load(std::span<const std::uint8_t, sizeof(T)> bytes) {
  std::array<std::uint8_t, sizeof(T)> raw{};
  std::ranges::copy(bytes, raw.begin());
  const T value = std::bit_cast<T>(raw);
  return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

/// Writes `value` into exactly as many bytes as it has, most significant first.
template <std::unsigned_integral T>
constexpr void store(T value, std::span<std::uint8_t, sizeof(T)> bytes) {
  if constexpr (std::endian::native != std::endian::big) value = std::byteswap(value);
  std::ranges::copy(std::bit_cast<std::array<std::uint8_t, sizeof(T)>>(value), bytes.begin());
}

/// Reads from the front of a view. A read past the end sets failed() and yields zero, so that a decoder may read a
/// whole fixed part and test once. The view must outlive the reader.
class Reader {
 public:
  explicit constexpr Reader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] constexpr bool failed() const { return failed_; }
  [[nodiscard]] constexpr std::size_t offset() const { return offset_; }
  [[nodiscard]] constexpr std::size_t remaining() const { return bytes_.size() - offset_; }

  constexpr std::uint8_t u8() { return fixed<std::uint8_t>(); }
  constexpr std::uint16_t u16() { return fixed<std::uint16_t>(); }
  constexpr std::uint32_t u32() { return fixed<std::uint32_t>(); }
  constexpr std::uint64_t u64() { return fixed<std::uint64_t>(); }

  /// `width` bytes (at most 16) as one big-endian number.
  constexpr Uint128 number(std::size_t width) {
    if (width == 4) return u32();
    const ByteView bytes = view(width);
    if (bytes.size() == 16)
      return Uint128{load<std::uint64_t>(bytes.first<8>())} << 64 | load<std::uint64_t>(bytes.last<8>());
    Uint128 value = 0;
    for (std::uint8_t byte : bytes) value = (value << 8) | byte;
    return value;
  }

  /// The next `length` bytes; empty, and failed(), when there are fewer.
  constexpr ByteView view(std::size_t length) {
    if (failed_ || length > remaining()) {
      failed_ = true;
      return {};
    }
    const ByteView taken(bytes_.data() + offset_, length);  // this is the check; subspan() would make another
    offset_ += length;
    return taken;
  }

 private:
  template <std::unsigned_integral T>
  constexpr T fixed() {
    const ByteView bytes = view(sizeof(T));
    if (bytes.empty()) return 0;
    return load<T>(std::span<const std::uint8_t, sizeof(T)>(bytes.data(), sizeof(T)));
  }

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
  void u16(std::uint16_t value) { fixed(value); }
  void u32(std::uint32_t value) { fixed(value); }
  void u64(std::uint64_t value) { fixed(value); }

  /// The low `width` bytes (at most 16) of `value`, most significant first.
  void number(Uint128 value, std::size_t width) {
    std::array<std::uint8_t, 16> all{};
    const std::span<std::uint8_t, 16> bytes(all);
    store(static_cast<std::uint64_t>(value >> 64), bytes.first<8>());
    store(static_cast<std::uint64_t>(value), bytes.last<8>());
    append(bytes.last(width));
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
  template <std::unsigned_integral T>
  void fixed(T value) {
    std::array<std::uint8_t, sizeof(T)> bytes{};
    store(value, std::span(bytes));
    append(bytes);
  }

  Bytes bytes_;
};

}  // namespace base
