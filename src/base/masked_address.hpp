// An address with a mask of any shape: what figure 3B of the seed calls "A with mask B".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/prefix.hpp"

namespace base {

/// The set of addresses that agree with `address` wherever the mask has a one; a zero bit is ignored. The ones need not
/// be contiguous. Bits of the address under a zero are cut off, so that equal sets compare equal.
class MaskedAddress {
 public:
  /// 0.0.0.0/0.0.0.0: every IPv4 address.
  constexpr MaskedAddress() = default;
  /// Bits of the mask above the family's width are cut off.
  constexpr MaskedAddress(Address address, Uint128 mask) : address_(address.family(), address.value() & mask) {
    set_mask(mask & all_ones(address.family()));
  }
  // A prefix is a masked address without loss; written as a conversion because both name sets of addresses.
  constexpr MaskedAddress(const Prefix& prefix)  // NOLINT(google-explicit-constructor)
      : address_(prefix.network()) {
    set_mask(prefix_mask(prefix.family(), prefix.length()));
  }
  /// The set of that one address.
  [[nodiscard]] static constexpr MaskedAddress host(Address address) { return {address, all_ones(address.family())}; }
  /// Every address of the family.
  [[nodiscard]] static constexpr MaskedAddress any(Family family) { return {Address(family, 0), 0}; }

  [[nodiscard]] constexpr Family family() const { return address_.family(); }
  [[nodiscard]] constexpr Address address() const { return address_; }
  [[nodiscard]] constexpr Uint128 mask() const { return Uint128{high_mask_} << 64 | low_mask_; }

  [[nodiscard]] constexpr bool contains(const Address& other) const {
    return other.family() == family() && (other.value() & mask()) == address_.value();
  }
  /// True when every address of `other` is in this set.
  [[nodiscard]] constexpr bool covers(const MaskedAddress& other) const {
    return (mask() & ~other.mask()) == 0 && contains(other.address_);
  }
  /// True when some address is in both sets.
  [[nodiscard]] constexpr bool meets(const MaskedAddress& other) const {
    return family() == other.family() && ((address_.value() ^ other.address_.value()) & mask() & other.mask()) == 0;
  }
  /// The addresses in both sets (figure 3B), which meet.
  [[nodiscard]] constexpr MaskedAddress common(const MaskedAddress& other) const {
    MaskedAddress both;
    both.address_ = Address(family(), address_.value() | other.address_.value());
    both.set_mask(mask() | other.mask());
    return both;
  }
  /// The same, or nothing.
  [[nodiscard]] constexpr std::optional<MaskedAddress> intersect(const MaskedAddress& other) const {
    return meets(other) ? std::optional(common(other)) : std::nullopt;
  }
  /// The same set as a prefix, when the mask is one.
  [[nodiscard]] std::optional<Prefix> prefix() const;
  /// The longest run of leading ones that covers this set: the smallest prefix around it.
  [[nodiscard]] Prefix covering_prefix() const;

  /// `ADDRESS/LENGTH`, `ADDRESS/MASK` with any mask, or an address. Host bits behind a prefix length are an error,
  /// behind a mask they are ignored.
  [[nodiscard]] static Result<MaskedAddress, TextError> parse(std::string_view text);
  /// `10.1.0.0/16` when the mask is a prefix, `10.0.0.1/255.0.0.255` otherwise.
  [[nodiscard]] std::string text() const;

  constexpr bool operator==(const MaskedAddress&) const = default;

 private:
  constexpr void set_mask(Uint128 mask) {
    high_mask_ = static_cast<std::uint64_t>(mask >> 64);
    low_mask_ = static_cast<std::uint64_t>(mask);
  }

  Address address_;
  // Two words, as in an address: a selector is two of these, and takes 96 bytes instead of 128.
  std::uint64_t high_mask_ = 0;
  std::uint64_t low_mask_ = 0;
};

}  // namespace base
