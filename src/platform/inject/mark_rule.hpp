// Routing rules: what carries a mark is kept out of strongSwan's own table.
//
// Userspace ESP routes a tunnel's remote prefix into its own device, by destination alone (table 220, rule 220). What
// must not go there has a mark: a probe for another flow to that prefix, which has to travel the outside path, and so
// keeps to the main table; and what the guard found to be for such a prefix and for no tunnel, which leaves out that
// table alone: a rule behind it, as another VPN's, may have it, and its way may be the only one that is not clear.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "platform/inject/error.hpp"

namespace inject {

/// What becomes of a packet that a rule matches.
enum class Course : std::uint8_t {
  kMainTable,
  kGoTo,  ///< the rules between this one and that of priority `target` are not asked; all of them are where it is
          ///< missing
  kNone,  ///< the next rule is asked
};

/// Which packets, what becomes of them, and where among all routing rules.
struct Marked {
  std::uint32_t mark = 0;           ///< 0: all packets
  std::uint32_t mask = 0xffffffff;  ///< the bits of a packet's mark that are compared
  std::uint32_t priority = 0;
  Course course = Course::kMainTable;
  std::uint32_t target = 0;  ///< of Course::kGoTo: beyond `priority`
};

/// What a Sender of that mark sends; one before strongSwan's own rule (charon's `routing_table_prio`, 220 by default).
[[nodiscard]] constexpr Marked sent_with(std::uint32_t mark) {
  return {.mark = mark, .priority = 219};
}
/// Behind strongSwan's rule. Nothing happens there.
[[nodiscard]] constexpr Marked landing() {
  return {.priority = 221, .course = Course::kNone};
}
/// What has that bit goes on at the landing().
[[nodiscard]] constexpr Marked with_bit(std::uint32_t bit) {
  return {.mark = bit, .mask = bit, .priority = 218, .course = Course::kGoTo, .target = landing().priority};
}
/// What with_bit() was in earlier versions: it hid all rules behind it.
[[nodiscard]] constexpr Marked formerly_with_bit(std::uint32_t bit) {
  return {.mark = bit, .mask = bit, .priority = 218};
}
/// `proto 84` in what `ip rule` prints: how the rule is known to be ours.
inline constexpr std::uint8_t kMarkRuleProtocol = 84;

/// `from all fwmark MARK/MASK lookup main`, `goto TARGET` or `nop`, of each family that the machine has, as long as
/// this lives. Movable; a moved-from one holds nothing.
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

  /// Takes away what a killed process left: true when there was something. Fails as install(). For who is certain that
  /// no other process lives by it, as with adopt_found().
  [[nodiscard]] static base::Result<bool, Error> remove(const Marked& marked);

  /// What install() found was left behind by a killed process, and is this one's from now on. For who is certain that
  /// no other process lives by it.
  void adopt_found() { owned_.fill(true); }

  /// Puts back what somebody has deleted: true when something was missing. Fails as install(); ask again later then.
  [[nodiscard]] base::Result<bool, Error> restore();

  [[nodiscard]] const Marked& marked() const { return marked_; }

 private:
  [[nodiscard]] static base::Result<MarkRule, Error> open(const Marked& marked);
  MarkRule(int socket, const Marked& marked) : socket_(socket), marked_(marked) {}

  int socket_ = -1;
  Marked marked_;
  std::array<bool, 2> owned_{};  ///< IPv4's and IPv6's
};

}  // namespace inject
