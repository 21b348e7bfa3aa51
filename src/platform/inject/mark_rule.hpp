// The routing rule that goes with a Sender's mark: what carries the mark is routed by the main table.
//
// strongSwan's userspace ESP routes a tunnel's remote prefix into its own device, by destination alone (table 220, rule
// 220). A probe for another flow to that prefix must not go there: it has to travel the outside path.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "platform/inject/error.hpp"

namespace inject {

/// One before strongSwan's own rule (charon's `routing_table_prio`, 220 by default).
inline constexpr std::uint32_t kMarkRulePriority = 219;
/// `proto 84` in what `ip rule` prints: how the rule is known to be ours.
inline constexpr std::uint8_t kMarkRuleProtocol = 84;

/// `from all fwmark MARK lookup main`, of each family that the machine has, as long as this lives. Movable; a
/// moved-from one holds nothing.
class MarkRule {
 public:
  /// Fails with kNoPermission, or with kRoutingRule when the kernel refuses; nothing is left behind then. A kernel that
  /// has no routing rules has no table but the main one, and that is no error. In the calling thread's network
  /// namespace, which is remembered.
  [[nodiscard]] static base::Result<MarkRule, Error> install(std::uint32_t mark);

  MarkRule(MarkRule&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), mark_(other.mark_), owned_(other.owned_) {}
  MarkRule& operator=(MarkRule&& other) noexcept;
  /// Takes away the rules that install() made, and those that it found when adopt_found() was called.
  ~MarkRule();

  /// What install() found was left behind by a killed process, and is this one's from now on. For who is certain that
  /// no other process lives by it.
  void adopt_found() { owned_.fill(true); }

 private:
  MarkRule(int socket, std::uint32_t mark) : socket_(socket), mark_(mark) {}

  int socket_ = -1;
  std::uint32_t mark_ = 0;
  std::array<bool, 2> owned_{};  ///< IPv4's and IPv6's
};

}  // namespace inject
