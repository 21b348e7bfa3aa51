// An address prefix: a network and the number of its leading bits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace base {

/// The mask of `length` leading ones; beyond the family's width it is all ones.
[[nodiscard]] constexpr Uint128 prefix_mask(Family family, unsigned length) {
  const Uint128 ones = all_ones(family);
  const unsigned host_bits = length < width(family) ? width(family) - length : 0;
  return length == 0 ? 0 : (ones << host_bits) & ones;
}

/// A network without host bits.
class Prefix {
 public:
  /// 0.0.0.0/0
  constexpr Prefix() = default;
  /// The prefix of `length` bits around `address`: host bits are cut off. `length` is at most the family's width.
  constexpr Prefix(Address address, unsigned length)
      : network_(address.family(), address.value() & prefix_mask(address.family(), length)),
        length_(static_cast<std::uint8_t>(length)) {}

  /// That address alone.
  explicit constexpr Prefix(Address address) : Prefix(address, width(address.family())) {}

  [[nodiscard]] constexpr Address network() const { return network_; }
  [[nodiscard]] constexpr unsigned length() const { return length_; }
  [[nodiscard]] constexpr Family family() const { return network_.family(); }

  /// True when every address of `other` is in this one.
  [[nodiscard]] constexpr bool covers(const Prefix& other) const {
    return length() <= other.length() && Prefix(other.network(), length()) == *this;
  }

  /// `ADDRESS/LENGTH`, or an address alone for one host. Host bits behind the prefix are an error whose hint gives the
  /// network.
  [[nodiscard]] static Result<Prefix, TextError> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  constexpr auto operator<=>(const Prefix&) const = default;
  constexpr bool operator==(const Prefix&) const = default;

 private:
  Address network_;
  std::uint8_t length_ = 0;
};

}  // namespace base
