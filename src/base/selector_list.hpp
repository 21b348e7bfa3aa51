// What one tunnel carries: a list of local ends times a list of remote ends, as IKEv2's TSi and TSr (RFC 7296
// section 3.13).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/selector.hpp"

namespace base {

/// One end: addresses, and the ports that go with them.
struct SelectorEnd {
  MaskedAddress address;
  PortRange port;

  bool operator==(const SelectorEnd&) const = default;
};

/// Every local end with every remote one, all of one family and protocol. Ports other than any() stand beside a
/// protocol that has ports; for ICMP every local end has the type and every remote end the code. Neither list is empty.
struct SelectorList {
  std::optional<Protocol> protocol;  ///< nothing: any
  std::vector<SelectorEnd> local;
  std::vector<SelectorEnd> remote;

  /// The list of that one box.
  [[nodiscard]] static SelectorList of(const Selector& selector);

  [[nodiscard]] Family family() const { return local.front().address.family(); }
  /// True when the flow, its source taken as the local side, is in it.
  [[nodiscard]] bool contains(const Flow& flow) const;
  /// The same traffic written for the gateway at the other end; ICMP type and code stay.
  [[nodiscard]] SelectorList mirrored() const;
  /// Every local end with every remote one, local ends in the outer loop.
  [[nodiscard]] std::vector<Selector> boxes() const;
  /// For people: as Selector::text() where it is one box, else `tcp {10.1.0.0/16, 10.3.0.0/16} > {10.2.0.0/24:443}`;
  /// of a long list the first ends, and how many more.
  [[nodiscard]] std::string text() const;

  bool operator==(const SelectorList&) const = default;
};

/// The lists of which these are boxes(), in any order, when they are those of one: that one. Else one list for each
/// box.
[[nodiscard]] std::vector<SelectorList> lists_of(std::span<const Selector> boxes);

}  // namespace base
