// A routing rule: what carries a mark is routed by the main table.
//
// strongSwan's userspace ESP routes a tunnel's remote prefix into its own device, by destination alone (table 220, rule
// 220). What must not go there has a mark: a probe for another flow to that prefix, which has to travel the outside
// path, and what the guard found to be for such a prefix and for no tunnel.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "platform/inject/error.hpp"

namespace inject {

/// Which packets, and where among all routing rules.
struct Marked {
  std::uint32_t mark = 0;
  std::uint32_t mask = 0xffffffff;  ///< the bits of a packet's mark that are compared
  std::uint32_t priority = 0;
};

/// What a Sender of that mark sends; one before strongSwan's own rule (charon's `routing_table_prio`, 220 by default).
[[nodiscard]] constexpr Marked sent_with(std::uint32_t mark) {
  return {.mark = mark, .priority = 219};
}
/// What has that bit.
[[nodiscard]] constexpr Marked with_bit(std::uint32_t bit) {
  return {.mark = bit, .mask = bit, .priority = 218};
}
/// `proto 84` in what `ip rule` prints: how the rule is known to be ours.
inline constexpr std::uint8_t kMarkRuleProtocol = 84;

/// `from all fwmark MARK/MASK lookup main`, of each family that the machine has, as long as this lives. Movable; a
/// moved-from one holds nothing.
class MarkRule {
 public:
  /// Fails with kNoPermission, or with kRoutingRule when the kernel refuses; nothing is left behind then. A kernel that
  /// has no routing rules has no table but the main one, and that is no error. In the calling thread's network
  /// namespace, which is remembered.
  [[nodiscard]] static base::Result<MarkRule, Error> install(const Marked& marked);

  MarkRule(MarkRule&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), marked_(other.marked_), owned_(other.owned_) {}
  MarkRule& operator=(MarkRule&& other) noexcept;
  /// Takes away the rules that install() made, and those that it found when adopt_found() was called.
  ~MarkRule();

  /// What install() found was left behind by a killed process, and is this one's from now on. For who is certain that
  /// no other process lives by it.
  void adopt_found() { owned_.fill(true); }

  /// Puts back what somebody has deleted: true when something was missing. Fails as install(); ask again later then.
  [[nodiscard]] base::Result<bool, Error> restore();

  [[nodiscard]] const Marked& marked() const { return marked_; }

 private:
  MarkRule(int socket, const Marked& marked) : socket_(socket), marked_(marked) {}

  int socket_ = -1;
  Marked marked_;
  std::array<bool, 2> owned_{};  ///< IPv4's and IPv6's
};

}  // namespace inject
