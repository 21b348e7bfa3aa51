// What is near a destination: what is true of the way to one address there is likely to be true of the others.
#pragma once

#include "base/address.hpp"
#include "base/prefix.hpp"

namespace engine {

/// Its /24, or /64 of IPv6.
[[nodiscard]] constexpr base::Prefix network_of(const base::Address& destination) {
  constexpr unsigned v4_bits = 24;
  constexpr unsigned v6_bits = 64;
  return {destination, destination.family() == base::Family::kV4 ? v4_bits : v6_bits};
}

}  // namespace engine
