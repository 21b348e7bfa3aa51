// The routing rules of this process: what keeps packets out of strongSwan's own device that no tunnel carries.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "daemon/guard_keeper.hpp"
#include "engine/token_bucket.hpp"
#include "platform/inject/mark_rule.hpp"
#include "platform/rtnl/rule_watch.hpp"

namespace tedd {

class RoutingRules {
 public:
  using Outcome = base::Result<void, std::string>;
  using Install = std::function<base::Result<inject::MarkRule, inject::Error>(const inject::Marked&)>;

  /// Tests put another `install`.
  explicit RoutingRules(Install install = inject::MarkRule::install) : install_(std::move(install)) {}
  RoutingRules(const RoutingRules&) = delete;
  RoutingRules& operator=(const RoutingRules&) = delete;
  /// Takes with it what adopt_found() says is ours, too.
  ~RoutingRules();

  /// Has what carries `mark` keep to the main table, and hears from now on of rules that others delete. The rules go
  /// with this object.
  [[nodiscard]] Outcome open(std::uint32_t mark);
  /// What a killed tedd left is ours: no other one runs here. After open().
  void adopt_found();
  /// Has what the guard found to be for no tunnel (nft::kBesideMark) leave out strongSwan's table, too. Nothing when it
  /// does already. An error, for people, is told once: repair() tries again from retry_deadline() on, and tells of it.
  [[nodiscard]] Outcome keep_beside(base::Instant now);
  /// No tunnel of userspace ESP is to be expected: nothing is kept out, and what a killed tedd left for it goes as
  /// well. After adopt_found().
  [[nodiscard]] Outcome leave_beside();

  /// Readable when somebody deleted rules: call repair(). After open().
  [[nodiscard]] int fd() const { return watch_->fd(); }

  struct Repairs {
    std::vector<std::string> done;      ///< a sentence for each rule that was put back, or that could be put at last
    std::optional<std::string> failed;  ///< why one could not be: tried again at retry_deadline()
  };
  /// Puts back what somebody has deleted since the last call; as often as GuardKeeper::repair() does.
  [[nodiscard]] Repairs repair(base::Instant now);
  [[nodiscard]] std::optional<base::Instant> retry_deadline() const;

 private:
  [[nodiscard]] Outcome put_beside(base::Instant now);
  [[nodiscard]] base::Result<void, inject::Error> install_beside();
  void restore(std::optional<inject::MarkRule>& rule, Repairs& repairs);

  Install install_;
  std::optional<inject::MarkRule> own_;
  std::optional<inject::MarkRule> landing_;
  std::optional<inject::MarkRule> beside_;  ///< goes before the landing
  std::optional<rtnl::RuleWatch> watch_;
  engine::TokenBucket repairable_{kRepairsPerSecond, kRepairBurst};
  bool alone_ = false;
  bool damaged_ = false;
  std::optional<base::Instant> retry_;
  std::optional<base::Instant> beside_retry_;
  std::chrono::seconds beside_pause_{};  ///< the last one, while they grow
};

}  // namespace tedd
