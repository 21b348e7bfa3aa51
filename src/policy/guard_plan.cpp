#include "policy/guard_plan.hpp"

#include <utility>
#include <vector>

namespace policy {

bool may_open(const Rule& rule) {
  return rule.action == Action::kProtect && rule.discover && rule.on_failure == OnFailure::kBypass;
}

Outcome outcome_of(const Rule& rule, RuleIndex index) {
  if (rule.action == Action::kBypass) return kPass;
  if (may_open(rule)) return kFirstOpening + static_cast<Outcome>(index);
  if (rule.action != Action::kProtect || !rule.discover) return kDropped;
  return rule.first_packet == FirstPacket::kHold ? kHeld : kCaught;
}

base::Result<std::optional<GuardPlan>, PlanError> plan_guard(const Snapshot& snapshot, std::size_t few_lines) {
  if (snapshot.size() <= few_lines) return std::nullopt;
  std::vector<Outcome> outcomes;
  outcomes.reserve(snapshot.rules().size());
  for (std::uint32_t i = 0; i < snapshot.rules().size(); ++i) {
    outcomes.push_back(outcome_of(snapshot.rules()[i], RuleIndex{i}));
  }
  TED_TRY(Plan v4, Plan::make(snapshot, base::Family::kV4, outcomes));
  TED_TRY(Plan v6, Plan::make(snapshot, base::Family::kV6, outcomes));
  return GuardPlan{std::move(v4), std::move(v6)};
}

}  // namespace policy
