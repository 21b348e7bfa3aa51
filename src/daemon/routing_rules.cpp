#include "daemon/routing_rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tedd {

namespace {

/// Until the next repair may be due, when others go on deleting.
constexpr std::chrono::milliseconds kPause{static_cast<int>(1000 / kRepairsPerSecond)};
constexpr std::chrono::seconds kRetry{1};
/// What the kernel refuses it may go on refusing.
constexpr std::chrono::seconds kLongestRetry{32};

constexpr inject::Marked kBeside = inject::with_bit(nft::kBesideMark);
/// What earlier versions and killed ones have left, besides what carries nft::kOwnMark.
constexpr std::array kLeftovers = {inject::formerly_with_bit(nft::kBesideMark), kBeside, inject::landing()};

std::string refusal(const inject::Error& error) {
  return "routing rule: " + inject::text(error);
}

}  // namespace

RoutingRules::~RoutingRules() {
  if (!alone_ || beside_) return;
  [[maybe_unused]] const Outcome done = leave_beside();  // there is nobody to tell any more
}

RoutingRules::Outcome RoutingRules::open(std::uint32_t mark) {
  auto watch = rtnl::RuleWatch::open();
  if (!watch) return std::unexpected("routing rules: " + rtnl::text(watch.error()));
  watch_ = std::move(*watch);
  auto rule = install_(inject::sent_with(mark));
  if (!rule) return std::unexpected(refusal(rule.error()));
  own_ = std::move(*rule);
  return {};
}

void RoutingRules::adopt_found() {
  alone_ = true;
  own_->adopt_found();
}

RoutingRules::Outcome RoutingRules::keep_beside(base::Instant now) {
  return beside_ || beside_retry_ ? Outcome{} : put_beside(now);
}

RoutingRules::Outcome RoutingRules::put_beside(base::Instant now) {
  const auto done = install_beside();
  if (done) {
    beside_retry_.reset();
    beside_pause_ = {};
    return {};
  }
  beside_pause_ = std::clamp(2 * beside_pause_, kRetry, kLongestRetry);
  beside_retry_ = now + beside_pause_;
  return std::unexpected(refusal(done.error()) +
                         "; what no tunnel carries may be lost in strongSwan's device meanwhile; tried again in " +
                         std::to_string(beside_pause_.count()) + " s");
}

// The former one last: it hides what the new one does not, and until then it does no more than it did.
base::Result<void, inject::Error> RoutingRules::install_beside() {
  TED_TRY(inject::MarkRule landing, install_(inject::landing()));
  TED_TRY(inject::MarkRule beside, install_(kBeside));
  landing.adopt_found();
  beside.adopt_found();
  TED_TRY([[maybe_unused]] const bool was_there, inject::MarkRule::remove(kLeftovers.front()));
  landing_ = std::move(landing);
  beside_ = std::move(beside);
  return {};
}

RoutingRules::Outcome RoutingRules::leave_beside() {
  beside_retry_.reset();
  beside_pause_ = {};
  beside_.reset();
  landing_.reset();
  for (const inject::Marked& left : kLeftovers) {
    if (const auto done = inject::MarkRule::remove(left); !done) return std::unexpected(refusal(done.error()));
  }
  return {};
}

std::optional<base::Instant> RoutingRules::retry_deadline() const {
  return retry_ && beside_retry_ ? std::min(*retry_, *beside_retry_) : (retry_ ? retry_ : beside_retry_);
}

RoutingRules::Repairs RoutingRules::repair(base::Instant now) {
  Repairs repairs;
  if (beside_retry_ && *beside_retry_ <= now) {
    if (const auto done = put_beside(now); !done) {
      repairs.failed = done.error();
    } else {
      repairs.done.push_back("the kernel takes routing rule " + std::to_string(kBeside.priority) + " of tedd now");
    }
  }
  damaged_ |= watch_->read();
  if (damaged_ && !repairable_.take(now)) {
    retry_ = now + kPause;
    return repairs;
  }
  retry_.reset();
  if (!std::exchange(damaged_, false)) return repairs;
  for (auto* rule : {&own_, &landing_, &beside_}) restore(*rule, repairs);
  if (damaged_) retry_ = now + kRetry;
  return repairs;
}

void RoutingRules::restore(std::optional<inject::MarkRule>& rule, Repairs& repairs) {
  if (!rule) return;
  const auto restored = rule->restore();
  if (!restored) {
    repairs.failed = refusal(restored.error()) + "; until it stands again, packets that no tunnel carries may be lost";
    damaged_ = true;
  } else if (*restored) {
    repairs.done.push_back("somebody deleted routing rule " + std::to_string(rule->marked().priority) +
                           " of tedd; it was put back");
  }
}

}  // namespace tedd
