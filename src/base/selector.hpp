// A full proxy of the seed: the traffic that one line of policy, one response or one tunnel covers.
#pragma once

#include <optional>
#include <string>

#include "base/flow.hpp"
#include "base/masked_address.hpp"
#include "base/port_range.hpp"

namespace base {

/// A box of flows. `local` is the side of the gateway that the selector is written for; a flow's source is compared
/// with it. Both addresses are of one family. Port parts other than any() stand only beside a protocol that has ports,
/// or, as type (local) and code (remote), beside ICMP.
struct Selector {
  std::optional<Protocol> protocol;  ///< nothing: any protocol
  MaskedAddress local;
  MaskedAddress remote;
  PortRange local_port;
  PortRange remote_port;

  [[nodiscard]] Family family() const { return local.family(); }

  /// The same traffic written for the gateway at the other end: local and remote swapped; ICMP type and code stay.
  [[nodiscard]] Selector mirrored() const;

  /// True when the flow, its source taken as the local side, is in the box.
  [[nodiscard]] bool contains(const Flow& flow) const;
  /// True when every flow of `other` is in this box.
  [[nodiscard]] bool covers(const Selector& other) const;
  /// True when some flow is in both.
  [[nodiscard]] bool overlaps(const Selector& other) const;

  /// The box of that one flow: host addresses, its protocol, its ports where it has them.
  [[nodiscard]] static Selector of(const Flow& flow);

  /// For people: `tcp 10.1.0.0/16 > 10.2.0.0/24:443`.
  [[nodiscard]] std::string text() const;

  bool operator==(const Selector&) const = default;
};

}  // namespace base
