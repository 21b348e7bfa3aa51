// What a peer may speak for, as far as IKE proved who it is.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/address_set.hpp"
#include "base/selector.hpp"

namespace engine {

/// Comes with a tunnel whose peer was authenticated by a certificate. With a shared secret there is none: all who know
/// it may claim all.
struct Authorisation {
  std::string identity;      ///< as IKE authenticated it; empty when nobody can tell
  base::AddressSet allowed;  ///< its addresses; empty: none, and `basis` is why
  std::string basis;         ///< for people: what says so
  bool narrows = false;      ///< a claim of more gets a tunnel for the part that is allowed, instead of none

  /// Every address of the far side is allowed.
  [[nodiscard]] bool covers(const std::vector<base::Selector>& selectors) const {
    return std::ranges::all_of(selectors, [this](const auto& one) { return allowed.covers(one.remote); });
  }
  bool operator==(const Authorisation&) const = default;
};

/// Why the peer may not carry that, in words; nothing when it may.
[[nodiscard]] inline std::optional<std::string> excess_of(const std::optional<Authorisation>& authorisation,
                                                          const std::vector<base::Selector>& selectors) {
  if (!authorisation || authorisation->covers(selectors)) return std::nullopt;
  const std::string who = authorisation->identity.empty() ? "its peer" : "'" + authorisation->identity + "'";
  if (authorisation->allowed.empty()) return who + " may speak for no address: " + authorisation->basis;
  return who + " may speak for " + authorisation->allowed.text() + " only (" + authorisation->basis + ")";
}

}  // namespace engine
