// A hash of an address and the rule that it belongs to, for tables of what others choose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/address.hpp"
#include "base/address_hash.hpp"
#include "policy/snapshot.hpp"

namespace engine {

/// What is kept for a rule is kept for one address at a time: a network's or a gateway's.
using Place = std::pair<policy::RuleIndex, base::Address>;

struct PlaceHash {
  base::AddressHash of_address;

  /// Of a number that nobody else can know: nobody can have addresses which one look-up walks through.
  explicit PlaceHash(std::uint64_t secret) : of_address(base::AddressHash::keyed(secret)) {}

  [[nodiscard]] std::size_t operator()(const Place& place) const {
    return of_address(place.second) + (static_cast<std::size_t>(place.first) * 0x9e3779b97f4a7c15U);
  }
};

}  // namespace engine
