// Whether the kernel can put fragments together before the guard sees them.
#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"
#include "platform/nft/client.hpp"

namespace nft {

/// The rules whose existence makes the kernel reassemble, before priority -400 of prerouting; never reached.
inline constexpr std::array<std::string_view, 2> kReassemblyRules = {
    R"(ip protocol 17 ip saddr 255.255.255.255 tproxy ip to :1 comment "never reached: has IPv4 reassembled")",
    R"(meta l4proto 17 ip6 saddr ::1 tproxy ip6 to :1 comment "never reached: has IPv6 reassembled")"};

/// Tries them in a table of its own, which one transaction makes and deletes. False: the kernel takes such a table
/// without these rules only, so it lacks `tproxy` (CONFIG_NFT_TPROXY). An error when it takes neither: what is wrong is
/// something else, of which this says nothing.
[[nodiscard]] base::Result<bool, Error> can_reassemble(Client& client);

}  // namespace nft
