// A hash of addresses that others choose. Of a hash that everybody can compute, IPv6 lets anybody find as many
// addresses as a table has places that all have the same one: then each look-up is a walk through all of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.hpp"
#include "base/uint128.hpp"

namespace base {

/// Both halves of an address are mixed with a half of the key before anything of them is lost, by one multiplication.
/// Good in its low 32 bits; no more than a table needs, and never shown to anybody.
struct AddressHash {
  std::uint64_t low_key;
  std::uint64_t high_key;

  /// Of a number that nobody else can know.
  [[nodiscard]] static constexpr AddressHash keyed(std::uint64_t secret) {
    return {secret, (secret ^ (secret >> 32)) * 0x9e3779b97f4a7c15U};
  }

  [[nodiscard]] constexpr std::size_t operator()(const Address& address) const {
    const Uint128 value = address.value();
    const auto low = static_cast<std::uint64_t>(value) ^ low_key;
    const auto high = static_cast<std::uint64_t>(value >> 64) ^ high_key;
    const Uint128 product = Uint128{low} * high;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
};

}  // namespace base
