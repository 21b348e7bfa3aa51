// The routing rules of this process: what keeps packets out of strongSwan's own device that no tunnel carries.
#pragma once

#include <cstdint>
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

  /// Has what carries `mark` keep to the main table, and hears from now on of rules that others delete. The rules go
  /// with this object.
  [[nodiscard]] Outcome open(std::uint32_t mark);
  /// What a killed tedd left is ours: no other one runs here. After open().
  void adopt_found() { own_->adopt_found(); }
  /// Has what the guard found to be for no tunnel (nft::kBesideMark) keep to the main table, too. Nothing when it does
  /// already; after an error call again.
  [[nodiscard]] Outcome keep_beside();

  /// Readable when somebody deleted rules: call repair(). After open().
  [[nodiscard]] int fd() const { return watch_->fd(); }

  struct Repairs {
    std::vector<std::string> done;      ///< a sentence for each rule that was put back
    std::optional<std::string> failed;  ///< why one could not be: tried again at retry_deadline()
  };
  /// Puts back what somebody has deleted since the last call; as often as GuardKeeper::repair() does.
  [[nodiscard]] Repairs repair(base::Instant now);
  [[nodiscard]] std::optional<base::Instant> retry_deadline() const { return retry_; }

 private:
  void restore(std::optional<inject::MarkRule>& rule, Repairs& repairs);

  std::optional<inject::MarkRule> own_;
  std::optional<inject::MarkRule> beside_;
  std::optional<rtnl::RuleWatch> watch_;
  engine::TokenBucket repairable_{kRepairsPerSecond, kRepairBurst};
  bool damaged_ = false;
  std::optional<base::Instant> retry_;
};

}  // namespace tedd
