// The safety net: while tedd runs, nothing that policy covers passes where the guard is not.
//
// `nft flush ruleset` takes the guard, and until tedd has put it back nobody would judge. This table is its process's
// own (`flags owner`): others can neither flush nor change it. Before the guard it marks what a rule may cover, the
// guard takes the mark off what it judges, and behind the guard what still has it is dropped.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/nft/guard.hpp"
#include "policy/snapshot.hpp"

namespace nft {

inline constexpr std::string_view kSafetyNetTable = "inet opented_net";

/// The text of one transaction that puts the net for `policy` in place, or replaces this Client's own, which must run
/// nothing else (as the interception's). It does nothing while a guard with this tunnel interface stands, so it matters
/// not which of the two is replaced first. Covered is, in both directions, what has its ends in covered() of both
/// sides: more than a rule covers, never less; and so are ICMP errors that leave outside in the clear and quote such a
/// packet, or one that cannot be read. What a tunnel carries, the loopback interface and what links need pass.
/// `interfaces` are those to the outside, empty when they are not told apart: what came out of a tunnel and leaves by
/// one of them passes no more than all else. What a tunnel of kernel ESP was to carry and none does once all hooks are
/// through, as behind address translation, is dropped.
[[nodiscard]] std::string safety_net_ruleset(const policy::Snapshot& policy, std::string_view tunnel_interface,
                                             std::span<const std::string> interfaces);

}  // namespace nft
