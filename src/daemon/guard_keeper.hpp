// What tedd keeps in nftables: the guard, which outlives it, and the interception, which does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "engine/action.hpp"
#include "platform/nft/client.hpp"
#include "policy/snapshot.hpp"

namespace tedd {

/// NFLOG groups, one reader each; high, because low numbers are what people choose by hand.
inline constexpr std::uint16_t kCatchGroup = 32'001;
inline constexpr std::uint16_t kProbeGroup = 32'002;
inline constexpr std::uint16_t kResponseGroup = 32'003;

class GuardKeeper {
 public:
  using Outcome = base::Result<void, std::string>;

  explicit GuardKeeper(const config::Gateway& gateway) : gateway_(gateway) {}

  /// Puts the guard for `policy` in place of the one that is there, in one transaction; tunnels and openings given
  /// before stay. On an error nothing has changed.
  [[nodiscard]] Outcome install(const policy::Snapshot& policy);
  /// Which flows may enter a userspace tunnel, and which may pass in the clear; in force at the next apply().
  void set_tunnels(std::vector<base::Selector> selectors);
  void set_openings(std::vector<engine::Opening> openings);
  /// Puts what set_… left behind into the kernel; nothing when nothing changed or there is no guard.
  [[nodiscard]] Outcome apply(const policy::Snapshot& policy);
  /// Takes the guard away on purpose.
  [[nodiscard]] Outcome release();
  [[nodiscard]] bool in_force() const { return in_force_; }

  /// Takes probes and responses off the wire from now on, or replaces how.
  [[nodiscard]] Outcome intercept(const policy::Snapshot& policy);
  /// Lets them travel on.
  void stop_intercepting() { interception_.reset(); }
  [[nodiscard]] bool intercepts() const { return interception_.has_value(); }

 private:
  [[nodiscard]] base::Result<nft::Client*, std::string> client();
  [[nodiscard]] std::string dynamic_text(const policy::Snapshot& policy) const;

  const config::Gateway& gateway_;
  std::optional<nft::Client> guard_;
  std::optional<nft::Client> interception_;
  std::vector<base::Selector> tunnels_;
  std::vector<engine::Opening> openings_;
  bool in_force_ = false;
  bool changed_ = false;
};

}  // namespace tedd
