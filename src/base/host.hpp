// What one host has to itself, where hosts are told apart to give each its share.
#pragma once

#include "base/address.hpp"
#include "base/prefix.hpp"

namespace base {

/// The address; of IPv6 the /64 around it, from which a host may take any number of addresses.
[[nodiscard]] constexpr Address host_of(const Address& address) {
  constexpr unsigned host_bits = 64;
  return address.family() == Family::kV4 ? address : Prefix(address, host_bits).network();
}

}  // namespace base
