#include "engine/observations.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/host.hpp"
#include "engine/limits.hpp"

namespace engine {

namespace {

bool concerns(const Observation& one, policy::RuleIndex rule, const base::Flow& flow) {
  if (one.rule != rule) return false;
  return one.agreed ? one.agreed->contains(flow) : one.flow.destination == flow.destination;
}

// A tunnel is the same when both ends would make the same one again; a failure when it is for the same destination.
bool is_same(const Observation& one, const Observation& other) {
  if (one.rule != other.rule || one.agreed.has_value() != other.agreed.has_value()) return false;
  return one.agreed ? one.peer == other.peer && one.agreed == other.agreed
                    : one.flow.destination == other.flow.destination;
}

// What one said of a flow is not so any more.
bool is_outdone(const Observation& one, const Observation& newer) {
  if (one.agreed || !newer.agreed) return concerns(one, newer.rule, newer.flow);
  return one.rule == newer.rule && newer.agreed->contains(one.flow);
}

}  // namespace

std::string_view name(Finding finding) {
  switch (finding) {
    case Finding::kWouldProtect: return "would_protect";
    case Finding::kUnanswered: return "unanswered";
    case Finding::kDisagreed: return "disagreed";
  }
  return "";
}

bool Observations::seen(policy::RuleIndex rule, const base::Flow& flow, base::Instant now) {
  bool is_known = false;
  for (Observation& one : all_) {
    if (!concerns(one, rule, flow)) continue;
    ++one.flows;
    one.last = now;
    is_known |= one.agreed && now - one.asked < kObservedAnew;
  }
  return is_known;
}

// What the same flow was thought to be before does not stand beside what is known now.
void Observations::note(Observation found, base::Instant now) {
  found.first = found.last = found.asked = now;
  std::erase_if(all_, [&](const Observation& one) { return !is_same(one, found) && is_outdone(one, found); });
  const auto same = std::ranges::find_if(all_, [&](const Observation& one) { return is_same(one, found); });
  if (same != all_.end()) {
    found.first = same->first;
    found.flows = same->flows;
    *same = std::move(found);
    return;
  }
  if (all_.size() >= kMaxObservations) make_room();
  all_.push_back(std::move(found));
}

// Linear, as all else here: once for a discovery that has ended, and those are paced.
void Observations::make_room() {
  std::unordered_map<base::Address, std::size_t> of_host;
  std::size_t most = 0;
  for (const Observation& one : all_) most = std::max(most, ++of_host[base::host_of(one.flow.source)]);
  auto gone = all_.end();
  for (auto at = all_.begin(); at != all_.end(); ++at) {
    if (of_host[base::host_of(at->flow.source)] == most && (gone == all_.end() || at->last < gone->last)) gone = at;
  }
  all_.erase(gone);
  counters_.add(Counter::kObservationsForgotten);
}

}  // namespace engine
