// The Internet checksum (RFC 1071). Internal to this library.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace wire {

/// Sums 16-bit words in network order. Only the last run of bytes may be of odd length.
class Checksum {
 public:
  void add(std::uint16_t word) { sum_ += word; }
  void add(base::ByteView bytes) {
    // Four words at a time, in whatever order the machine has them: the sum of swapped words is the swapped sum
    // (RFC 1071, section 2). What is carried out of the lower half counts as one, since 2^64 is 1 modulo 0xffff.
    base::Uint128 sum = 0;
    std::size_t i = 0;
    for (; i + 7 < bytes.size(); i += 8) {
      std::uint64_t words = 0;
      std::memcpy(&words, bytes.data() + i, sizeof words);
      sum += words;
    }
    if (i + 3 < bytes.size()) {
      std::uint32_t words = 0;
      std::memcpy(&words, bytes.data() + i, sizeof words);
      sum += words;
      i += 4;
    }
    const auto low = static_cast<std::uint64_t>(sum);
    const auto own = folded((low >> 32) + (low & 0xffffffff) + static_cast<std::uint64_t>(sum >> 64));
    sum_ += std::endian::native == std::endian::big ? own : std::byteswap(own);
    for (; i < bytes.size(); ++i) sum_ += i % 2 == 0 ? std::uint64_t{bytes[i]} << 8 : bytes[i];
  }
  void add(const base::Address& address) {
    if (address.family() == base::Family::kV4) {
      const auto value = static_cast<std::uint32_t>(address.value());
      sum_ += (value >> 16) + (value & 0xffff);
      return;
    }
    for (unsigned shift = 0; shift < base::width(address.family()); shift += 16) {
      sum_ += static_cast<std::uint16_t>(address.value() >> shift);
    }
  }

  [[nodiscard]] std::uint16_t value() const { return static_cast<std::uint16_t>(~folded(sum_)); }

 private:
  static constexpr std::uint16_t folded(std::uint64_t sum) {
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
  }

  std::uint64_t sum_ = 0;
};

/// Begins the checksum of a transport of `length` bytes: with its pseudo header (RFC 768, RFC 8200 section 8.1).
[[nodiscard]] inline Checksum pseudo_header(const base::Address& source, const base::Address& destination,
                                            std::uint8_t protocol, std::size_t length) {
  Checksum sum;
  sum.add(source);
  sum.add(destination);
  sum.add(protocol);
  sum.add(static_cast<std::uint16_t>(length));
  return sum;
}

/// As it is written: 0 is how UDP says "no checksum".
[[nodiscard]] inline std::uint16_t written(const Checksum& sum) {
  return sum.value() == 0 ? 0xffff : sum.value();
}

/// `checksum` of a header in which the word `before` has become `after` (RFC 1624, equation 3).
[[nodiscard]] constexpr std::uint16_t updated_checksum(std::uint16_t checksum, std::uint16_t before,
                                                       std::uint16_t after) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
  sum += static_cast<std::uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace wire
