// What one gateway tells the other of its policy around a flow.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "base/selector_list.hpp"

namespace base {

/// The traffic of a rule, and what of it earlier rules take away. What is left has the rule as its first match.
struct Offer {
  SelectorList proxy;            ///< of any shape: masks as they stand in the rule
  std::vector<Selector> exempt;  ///< in any order; they may overlap each other and reach beyond `proxy`

  /// The same written for the other end.
  [[nodiscard]] Offer mirrored() const;
  [[nodiscard]] bool contains(const Flow& flow) const;

  bool operator==(const Offer&) const = default;
};

/// True when some end is not for all ports: then every end is written with its own.
[[nodiscard]] bool has_ports(const SelectorList& proxy);

/// How long the ends and exemptions of an offer may be, and how long each of them is, both in octets of whatever
/// carries it.
struct OfferRoom {
  std::size_t octets = std::numeric_limits<std::size_t>::max();
  std::size_t (*of_end)(const SelectorEnd&, bool with_ports) = [](const SelectorEnd&, bool) { return std::size_t{0}; };
  std::size_t (*of_exemption)(const Selector&) = [](const Selector&) { return std::size_t{0}; };

  /// What the offer's own ends and exemptions take.
  [[nodiscard]] std::size_t taken_by(const Offer& offer) const;
};

}  // namespace base
