// What a line allows of each byte of a key.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "policy/rows.hpp"

namespace policy {

/// Of one byte.
struct Allowed {
  std::uint8_t value = 0;
  std::uint8_t mask = 0;  ///< bits of `value` that count
  std::uint8_t lo = 0;
  std::uint8_t hi = 255;

  [[nodiscard]] bool is_all() const { return mask == 0 && lo == 0 && hi == 255; }
  [[nodiscard]] bool contains(unsigned byte) const { return ((byte ^ value) & mask) == 0 && lo <= byte && byte <= hi; }
  /// How many values there are: either the mask limits them, or the range does.
  [[nodiscard]] unsigned count() const {
    return mask == 0 ? hi - lo + 1U : 1U << std::popcount(static_cast<std::uint8_t>(~mask));
  }
  /// `visit(value)` for each of them, ascending.
  template <class Visit>
  void visit(Visit visit) const {
    const unsigned first = mask == 255 ? value : lo;
    const unsigned last = mask == 255 ? value : hi;
    for (unsigned byte = first; byte <= last; ++byte) {
      if (contains(byte)) visit(byte);
    }
  }
};

/// How many bytes of a Key are compared; padding follows.
template <class Word>
inline constexpr std::size_t kKeyBytes = offsetof(Key<Word>, protocol) + 1;

/// In the order in which a Key is in memory.
template <class Word>
using AllowedBytes = std::array<Allowed, kKeyBytes<Word>>;

/// More than the range, unless it is of one port, or begins and ends with a multiple of 256.
inline void allow_ports(Allowed* bytes, base::PortRange range) {
  static constexpr bool kLittle = std::endian::native == std::endian::little;
  Allowed& upper = bytes[kLittle ? 1 : 0];
  upper.lo = static_cast<std::uint8_t>(range.lo >> 8);
  upper.hi = static_cast<std::uint8_t>(range.hi >> 8);
  if (upper.lo != upper.hi) return;
  Allowed& lower = bytes[kLittle ? 0 : 1];
  lower.lo = static_cast<std::uint8_t>(range.lo);
  lower.hi = static_cast<std::uint8_t>(range.hi);
}

/// Every key in the line has only bytes that are allowed.
template <class Word>
[[nodiscard]] AllowedBytes<Word> allowed_bytes(const Row<Word>& row) {
  const Key<Word> value{row.local, row.remote, 0, 0, row.protocol};
  const Key<Word> mask{row.local_mask, row.remote_mask, 0, 0, row.protocol_mask};
  std::array<std::uint8_t, kKeyBytes<Word>> values;
  std::array<std::uint8_t, kKeyBytes<Word>> masks;
  std::memcpy(values.data(), &value, values.size());
  std::memcpy(masks.data(), &mask, masks.size());
  AllowedBytes<Word> line;
  for (std::size_t i = 0; i < line.size(); ++i) {
    line[i].value = values[i];
    line[i].mask = masks[i];
  }
  allow_ports(line.data() + offsetof(Key<Word>, from_port), row.local_port);
  allow_ports(line.data() + offsetof(Key<Word>, to_port), row.remote_port);
  return line;
}

}  // namespace policy
