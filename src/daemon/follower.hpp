// Follows the machine's interfaces, addresses and routes: asks the kernel what lies behind interfaces again when it
// says that something changed, and not too often.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "daemon/held_networks.hpp"
#include "platform/rtnl/watch.hpp"

namespace tedd {

class Follower {
 public:
  /// The first change counts at once, those behind it together after this, or after ten times what the last one cost,
  /// so that a machine whose routes never rest spends a tenth of its time with them.
  static constexpr base::Duration kPause = std::chrono::milliseconds(100);
  static constexpr int kTimesTheCost = 10;
  /// Soon enough after a failure.
  static constexpr base::Duration kRetry = std::chrono::seconds(1);

  /// Hears of changes from now on, whether an interface is followed or not. An error is for people.
  [[nodiscard]] base::Result<void, std::string> watch();
  /// What these interfaces stand for, with nothing held but what is recalled; asks nobody when there are none. Nothing
  /// is adopted yet. An error is for people.
  [[nodiscard]] base::Result<HeldNetworks, std::string> look(std::span<const std::string> names, base::Instant now,
                                                             const config::NetworksByName& recalled = {});
  /// Follows these from now on.
  void adopt(HeldNetworks networks) { held_ = std::move(networks); }

  /// Readable when something may have changed: call on_readable(). Nothing until watch(), or until look() was asked for
  /// an interface.
  [[nodiscard]] std::optional<int> fd() const;
  void on_readable();

  /// Something has changed since look_again().
  [[nodiscard]] bool has_changed() const { return changed_; }

  /// When to call look_again(); long past when that is at once.
  [[nodiscard]] std::optional<base::Instant> next_deadline() const;
  /// Brings the networks up to date; none is let go without asking first. An error is for people: they stay as they
  /// were, and it is tried again.
  [[nodiscard]] base::Result<void, std::string> look_again(base::Instant now);
  /// Says what the whole change cost, or that it has to be tried again.
  void rest(base::Duration cost, base::Instant now);
  void retry(base::Instant now);

  [[nodiscard]] const HeldNetworks& held() const { return held_; }

 private:
  std::optional<rtnl::Watch> watch_;
  HeldNetworks held_;
  bool changed_ = false;
  base::Instant rests_until_{};
};

/// The rules of a file as they are now (`recalled`: and as they were in an earlier life, where interfaces are not up
/// yet), and what they were made with.
struct Resolved {
  HeldNetworks networks;
  std::vector<policy::Rule> rules;
};
/// Every error is for people.
[[nodiscard]] base::Result<Resolved, std::vector<std::string>> resolve(Follower& follower, const config::Config& config,
                                                                       const std::string& file, base::Instant now,
                                                                       const config::NetworksByName& recalled = {});

}  // namespace tedd
