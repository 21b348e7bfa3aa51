#include "daemon/routing_rules.hpp"

#include <utility>

namespace tedd {

namespace {

/// Until the next repair may be due, when others go on deleting.
constexpr std::chrono::milliseconds kPause{static_cast<int>(1000 / kRepairsPerSecond)};
constexpr std::chrono::seconds kRetry{1};

std::string refusal(const inject::Error& error) {
  return "routing rule: " + inject::text(error);
}

}  // namespace

RoutingRules::Outcome RoutingRules::open(std::uint32_t mark) {
  auto watch = rtnl::RuleWatch::open();
  if (!watch) return std::unexpected("routing rules: " + rtnl::text(watch.error()));
  watch_ = std::move(*watch);
  auto rule = inject::MarkRule::install(inject::sent_with(mark));
  if (!rule) return std::unexpected(refusal(rule.error()));
  own_ = std::move(*rule);
  return {};
}

RoutingRules::Outcome RoutingRules::keep_beside() {
  if (beside_) return {};
  auto rule = inject::MarkRule::install(inject::with_bit(nft::kBesideMark));
  if (!rule) return std::unexpected(refusal(rule.error()));
  beside_ = std::move(*rule);
  beside_->adopt_found();
  return {};
}

RoutingRules::Repairs RoutingRules::repair(base::Instant now) {
  Repairs repairs;
  damaged_ |= watch_->read();
  if (damaged_ && !repairable_.take(now)) {
    retry_ = now + kPause;
    return repairs;
  }
  retry_.reset();
  if (!std::exchange(damaged_, false)) return repairs;
  for (auto* rule : {&own_, &beside_}) restore(*rule, repairs);
  if (repairs.failed) {
    damaged_ = true;
    retry_ = now + kRetry;
  }
  return repairs;
}

void RoutingRules::restore(std::optional<inject::MarkRule>& rule, Repairs& repairs) {
  if (!rule) return;
  const auto restored = rule->restore();
  if (!restored) {
    repairs.failed = refusal(restored.error()) + "; until it stands again, packets that no tunnel carries may be lost";
  } else if (*restored) {
    repairs.done.push_back("somebody deleted routing rule " + std::to_string(rule->marked().priority) +
                           " of tedd; it was put back");
  }
}

}  // namespace tedd
