// The interception: the nftables table that takes probes and responses off the wire for this process.
//
// It belongs to the process: `flags owner` makes the kernel remove it with the netlink socket of the Client that ran
// the text, so that probes travel on when tedd is dead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "policy/snapshot.hpp"

namespace nft {

inline constexpr std::string_view kInterceptionTable = "inet opented_wire";

struct InterceptOptions {
  std::uint16_t probe_group = 0;     ///< NFLOG group of probes
  std::uint16_t response_group = 0;  ///< NFLOG group of responses
  std::vector<std::string> interfaces;
  std::vector<base::Address> gateway_addresses;
};

/// The text of one transaction that puts the interception in place, or replaces this Client's own without a gap. It is
/// refused with "Operation not permitted" while another process has one.
///
/// On `interfaces`, before conntrack and before fragments are put together, whole packets only:
///   probes (UDP to port 500, 28 to 4096 bytes, ISAKMP version 0x10, exchange type 240) to an address in the local side
///     of a protect rule that responds are copied whole to `probe_group` and dropped: the caller must send on what it
///     does not answer;
///   responses (UDP 500 to 500, the same but exchange type 241) to one of `gateway_addresses` are copied whole to
///     `response_group` and dropped: charon would only count them as invalid.
///   ICMP "destination unreachable" about a probe of our own, to an address in the local side of a protect rule that
///     discovers: the same, to `response_group`. The host behind that address never sent the probe.
/// What tedd releases (kReleaseMark), where a rule holds packets, has its route and IPsec policy looked up anew, whole,
/// on its way out. Nothing is verified beyond this. A fragmented probe or response is not ours and travels on.
[[nodiscard]] std::string interception_ruleset(const policy::Snapshot& policy, const InterceptOptions& options);

}  // namespace nft
