// What the guard drops, counted by why.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "platform/nft/error.hpp"
#include "platform/nft/link.hpp"

namespace nft {

/// Why the guard drops a packet. A large policy's plan does not tell a line that blocks from one that protects.
enum class Drop : std::uint8_t {
  kNoTunnel,    ///< it leaves, a rule protects it, and there is no tunnel for it
  kBlocked,     ///< it leaves, and a rule blocks it, or protects it and does not discover
  kRefused,     ///< it arrives in the clear, and a rule protects or blocks it
  kTranslated,  ///< address translation took it out of its tunnel
  kQuoted,      ///< an ICMP error that would tell what it quotes
  kFragment,    ///< it has no ports, and a line that asks for ports might be meant for it
  kReleased,    ///< it was held, and no tunnel carries it after all
  kMissed,      ///< a map of the plan did not hold what it holds: always 0, or tedd or the kernel has a bug
};
inline constexpr std::size_t kDrops = 8;

/// As the counter of the guard's table and the label of the metric have it: "no_tunnel".
[[nodiscard]] std::string_view name_of(Drop drop);

/// The verdict of a line that drops: counted at the line, and under its reason.
[[nodiscard]] std::string counted(Drop drop);

/// The table's counters, a line of its text each. They belong to no edition: one that stands keeps its number.
[[nodiscard]] std::vector<std::string> drop_counters();

/// Packets since the table was made, by Drop. All are 0 when there is no guard. An error only when the kernel cannot be
/// asked.
using DropCounts = std::array<std::uint64_t, kDrops>;
[[nodiscard]] base::Result<DropCounts, Error> drop_counts(const Link& link);

}  // namespace nft
