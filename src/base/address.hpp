// An IPv4 or IPv6 address.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text_error.hpp"
#include "base/uint128.hpp"

namespace base {

enum class Family : std::uint8_t { kV4, kV6 };

/// Bits of an address of that family: 32 or 128.
[[nodiscard]] constexpr unsigned width(Family family) {
  return family == Family::kV4 ? 32 : 128;
}
/// Bytes of an address of that family: 4 or 16.
[[nodiscard]] constexpr std::size_t octets(Family family) {
  return width(family) / 8;
}
/// All ones in the width of that family.
[[nodiscard]] constexpr Uint128 all_ones(Family family) {
  return family == Family::kV4 ? Uint128{0xffffffffU} : ~Uint128{0};
}

/// An address of either family: its bits stand in the low end of a 128-bit number in host order. IPv4-mapped IPv6
/// addresses are IPv6 addresses; nothing converts between families.
class Address {
 public:
  /// 0.0.0.0
  constexpr Address() = default;
  /// Bits of `value` above the family's width are cut off.
  constexpr Address(Family family, Uint128 value)
      : high_(family == Family::kV4 ? 0 : static_cast<std::uint64_t>(value >> 64)),
        low_(static_cast<std::uint64_t>(value & all_ones(family))),
        family_(family) {}
  [[nodiscard]] static constexpr Address v4(std::uint32_t value) { return {Family::kV4, value}; }

  [[nodiscard]] constexpr Family family() const { return family_; }
  [[nodiscard]] constexpr Uint128 value() const { return Uint128{high_} << 64 | low_; }

  [[nodiscard]] bool is_unspecified() const { return high_ == 0 && low_ == 0; }
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_link_local() const;
  /// Nobody's outside a machine, now or ever: 0.0.0.0/8, 240.0.0.0/4, and IPv4-mapped IPv6 addresses.
  [[nodiscard]] bool is_reserved() const;
  /// 255.255.255.255; a subnet's broadcast address cannot be told without its mask.
  [[nodiscard]] bool is_broadcast() const;

  /// Dotted quad (four decimal parts without leading zeros), or RFC 4291 section 2.2 text without a zone.
  [[nodiscard]] static Result<Address, TextError> parse(std::string_view text);
  /// Dotted quad, or RFC 5952 text.
  [[nodiscard]] std::string text() const;

  constexpr auto operator<=>(const Address& other) const {
    if (auto order = family_ <=> other.family_; order != 0) return order;
    if (auto order = high_ <=> other.high_; order != 0) return order;
    return low_ <=> other.low_;
  }
  constexpr bool operator==(const Address&) const = default;

 private:
  // Two words, for a 128-bit one would be aligned to 16 bytes and an address take 32.
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
  Family family_ = Family::kV4;
};

}  // namespace base

template <>
struct std::hash<base::Address> {
  std::size_t operator()(const base::Address& address) const noexcept {
    const auto value = address.value();
    const auto mixed =
        static_cast<std::uint64_t>(value) ^ (static_cast<std::uint64_t>(value >> 64) * 0x9e3779b97f4a7c15U);
    return static_cast<std::size_t>((mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9U);
  }
};
