// The observation: the nftables table of a gateway that only observes. It copies what passes and drops nothing.
//
// It belongs to the process, as the interception does, and by the same means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nft {

inline constexpr std::string_view kObservationTable = "inet opented_observe";

/// The text of one transaction that puts it in place, or replaces this Client's own.
///
/// Of each flow that is forwarded, or sent by this machine, and that no other chain has dropped before (priority 10),
/// the first packet of a minute is copied to the NFLOG group `group`, 256 bytes of it at most, and a thousand packets a
/// second in all. Copied is what policy may protect: not discovery's own datagrams, IKE, ESP and AH, and what IPv6
/// needs on the link. A flow is addresses, protocol and ports; 65,536 of each family are told apart.
[[nodiscard]] std::string observation_ruleset(std::uint16_t group);

}  // namespace nft
