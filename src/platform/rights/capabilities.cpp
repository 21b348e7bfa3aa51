#include "platform/rights/capabilities.hpp"

#include <cerrno>
#include <utility>

#include "platform/rights/sets.hpp"

namespace rights {

namespace {

constexpr std::uint64_t kHeld = bit(CAP_NET_ADMIN) | bit(CAP_NET_RAW) | bit(CAP_PERFMON) | bit(CAP_BPF);
/// Of root's: files that belong to other users, and low ports.
constexpr std::uint64_t kRootsFiles =
    bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH) | bit(CAP_FOWNER) | bit(CAP_NET_BIND_SERVICE);

}  // namespace

// The ambient set is empty where the inheritable one is: what is executed gets nothing.
bool lower() {
  const auto now = sets();
  if (!now) return false;
  const bool is_root = ::geteuid() == 0;
  const std::uint64_t stays = is_root ? kRootsFiles & now->permitted : 0;
  const std::uint64_t held = kHeld | stays | (is_root ? bit(CAP_KILL) : 0);
  return set({.effective = stays, .permitted = now->permitted & held, .inheritable = 0});
}

Raised::Raised(std::initializer_list<Capability> wanted) {
  const int error = errno;
  std::uint64_t bits = 0;
  for (const Capability one : wanted) bits |= bit(static_cast<unsigned>(one));
  if (auto now = sets(); now && (bits & now->permitted & ~now->effective) != 0) {
    before_ = std::exchange(now->effective, now->effective | (bits & now->permitted));
    changed_ = set(*now);
  }
  errno = error;
}

Raised::~Raised() {
  if (!changed_) return;
  const int error = errno;
  if (auto now = sets()) {
    now->effective = before_ & now->permitted;
    set(*now);
  }
  errno = error;
}

}  // namespace rights
