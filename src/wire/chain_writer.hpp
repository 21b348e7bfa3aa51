// The chain of payloads behind the header (RFC 2408 section 3.2), linked.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "wire/constants.hpp"
#include "wire/header.hpp"

namespace wire {

/// Writes a datagram of a length known beforehand: header first, then payloads in order. Writing beyond that length, or
/// less, is an error of the caller's that the tests of the lengths (layout.hpp) rule out.
class ChainWriter {
 public:
  ChainWriter(std::size_t length, const Header& header);

  /// Starts a payload of `length` bytes, its generic header included; its type goes into the place before it.
  void begin(PayloadType type, std::size_t length) {
    bytes_[next_field_] = static_cast<std::uint8_t>(type);
    next_field_ = at_;
    // Next payload: none so far; reserved: 0.
    u32(static_cast<std::uint16_t>(length));
  }

  void u8(std::uint8_t value) { put(value); }
  void u16(std::uint16_t value) { put(value); }
  void u32(std::uint32_t value) { put(value); }
  void u64(std::uint64_t value) { put(value); }
  template <std::size_t Size>
  void append(const std::array<std::uint8_t, Size>& bytes) {
    std::ranges::copy(bytes, room<Size>().begin());
  }
  void bytes(base::ByteView some) {
    std::ranges::copy(some, std::span(bytes_).subspan(at_, some.size()).begin());
    at_ += some.size();
  }
  /// Leaves `count` bytes zero.
  void skip(std::size_t count) { at_ += count; }
  /// The low bytes of `bits` in the width of that family: an address or a mask.
  void bits(base::Uint128 bits, base::Family family) {
    if (family == base::Family::kV6) {
      u64(static_cast<std::uint64_t>(bits >> 64));
      u64(static_cast<std::uint64_t>(bits));
    } else {
      u32(static_cast<std::uint32_t>(bits));
    }
  }
  /// Two of them, one behind the other.
  void bits(base::Uint128 some, base::Uint128 others, base::Family family) {
    if (family == base::Family::kV6) {
      bits(some, family);
      bits(others, family);
    } else {
      u64(static_cast<std::uint64_t>(some) << 32 | static_cast<std::uint32_t>(others));
    }
  }

  [[nodiscard]] base::Bytes take() && { return std::move(bytes_); }

 private:
  // The next bytes, as a length that the compiler knows: one check, one store.
  template <std::size_t Width>
  std::span<std::uint8_t, Width> room() {
    const std::span<std::uint8_t> rest = std::span(bytes_).subspan(at_);
    const auto place = rest.first<Width>();
    at_ += Width;
    return place;
  }
  template <std::unsigned_integral T>
  void put(T value) {
    base::store(value, room<sizeof(T)>());
  }

  base::Bytes bytes_;
  std::size_t at_ = 0;
  std::size_t next_field_;  // where the next payload's type goes
};

}  // namespace wire
