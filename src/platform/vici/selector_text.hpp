// base::Selector as strongSwan writes traffic selectors: `10.1.0.0/24[tcp/443]`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/selector.hpp"
#include "platform/vici/error.hpp"

namespace vici {

/// The two ends of one selector.
struct TrafficSelectors {
  std::string local;
  std::string remote;

  bool operator==(const TrafficSelectors&) const = default;
};

/// What load-conn takes, with protocols as numbers: charon would look names up in /etc/protocols, which a small system
/// lacks. ICMP type and code stand at both ends as the 16-bit number that RFC 7296 section 3.13.1 makes of them.
/// Errors: kSelectorMask for a mask that is no prefix; kSelectorPorts for port parts without a protocol that has any,
/// for codes beside more than one ICMP type, and for protocol 0, which IKEv2 reads as any. Both mean that no tunnel can
/// carry the selector to the letter: do not start one.
[[nodiscard]] Result<TrafficSelectors> to_ts(const base::Selector& selector);

/// The lists of a CHILD_SA as charon reports them: every local entry with every remote entry of the same family and a
/// compatible protocol, as charon pairs them into policies. Protocols and ports may be numbers or the names of this
/// system. Errors, with the text at fault: kAddressRange (`10.0.0.1..10.0.0.9`), kSelectorText, kSelectorPorts (ports
/// without a protocol, opaque ports, a range over several ICMP types that is not whole types).
[[nodiscard]] Result<std::vector<base::Selector>> from_ts(std::span<const std::string> local,
                                                          std::span<const std::string> remote);

}  // namespace vici
