// What is near a destination: what is true of the way to one address there is likely to be true of the others.
#pragma once

#include "base/address.hpp"
#include "base/prefix.hpp"

namespace engine {

/// Its /24, or /64 of IPv6.
[[nodiscard]] constexpr base::Prefix network_of(const base::Address& destination) {
  constexpr unsigned kV4 = 24;
  constexpr unsigned kV6 = 64;
  return {destination, destination.family() == base::Family::kV4 ? kV4 : kV6};
}

}  // namespace engine
