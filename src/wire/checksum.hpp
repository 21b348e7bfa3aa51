// The Internet checksum (RFC 1071). Internal to packet.cpp.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace wire {

/// Sums 16-bit words in network order. Only the last run of bytes may be of odd length.
class Checksum {
 public:
  void add(std::uint16_t word) { sum_ += word; }
  void add(base::ByteView bytes) {
    std::size_t i = 0;
    for (; i + 1 < bytes.size(); i += 2) sum_ += static_cast<std::uint64_t>(bytes[i] << 8 | bytes[i + 1]);
    if (i < bytes.size()) sum_ += static_cast<std::uint64_t>(bytes[i] << 8);
  }
  void add(const base::Address& address) {
    for (unsigned shift = 0; shift < base::width(address.family()); shift += 16) {
      sum_ += static_cast<std::uint16_t>(address.value() >> shift);
    }
  }

  [[nodiscard]] std::uint16_t value() const {
    std::uint64_t folded = sum_;
    while (folded >> 16 != 0) folded = (folded & 0xffff) + (folded >> 16);
    return static_cast<std::uint16_t>(~folded);
  }

 private:
  std::uint64_t sum_ = 0;
};

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
