// The part of Initiator about what goes wrong: hold-downs, networks where nobody answers, and what may pass in the
// clear meanwhile because its rule says so.
#include <algorithm>
#include <utility>

#include "engine/hold_down.hpp"
#include "engine/initiator.hpp"

namespace engine {

namespace {

// Of a probe that no gateway answered. A host at its end that says anything of it has received it: firewalls on its
// path let it through, and the gateways on it did not answer.
std::string text_of(const wire::Unreachable& error) {
  using enum wire::Unreachable::Obstacle;
  const std::string who = error.reporter.text();
  const std::string code = " (ICMP code " + std::to_string(error.code) + ")";
  if (error.reporter == error.destination) {
    return "its probe went the whole path, and " + who + " itself says that it is unreachable" + code;
  }
  if (error.obstacle() == kNoWay) {
    return who + " on the path has no way to " + error.destination.text() + code;
  }
  return who + " on the path refuses the probe" + code;
}

}  // namespace

std::string Initiator::why_unanswered(const Discovery& discovery) const {
  switch (discovery.hint) {
    case Hint::kNone: break;
    case Hint::kUnreachable: return "no gateway answered: " + discovery.reason;
    case Hint::kDoubted: return "no gateway answered that is believed: " + discovery.reason;
  }
  return "no gateway answered";
}

void Initiator::on_unreachable(const wire::Unreachable& error, base::Instant now) {
  Discovery* discovery = discoveries_.find(error.initiator_cookie);
  if (discovery == nullptr || discovery->state != State::kProbing || error.source != discovery->flow.source ||
      error.destination != discovery->flow.destination) {
    return context_.counters.add(Counter::kUnreachableRejected);
  }
  context_.counters.add(Counter::kProbesUnreachable);
  if (discovery->disagreed) return;
  if (discovery->hint == Hint::kNone) {
    discovery->hint = Hint::kUnreachable;
    discovery->reason = text_of(error);
  }
  if (discovery->trace) return fail_trace(*discovery, why_unanswered(*discovery));
  if (may_open(*discovery)) return;
  fail(*discovery, Cue::kUnanswered, Counter::kDiscoveriesUnanswered, why_unanswered(*discovery), now);
}

void Initiator::fail(Discovery& discovery, Cue cue, Counter counter, std::string reason, base::Instant now,
                     std::optional<base::Instant> until) {
  const Move* move = discoveries_.advance(discovery, cue);
  if (move == nullptr) return;
  context_.counters.add(Counter::kDiscoveriesFailed);
  context_.counters.add(counter);
  discovery.reason = reason.empty() ? std::string(move->story) : std::move(reason);
  const unsigned before = discovery.failures++;
  discoveries_.set_deadline(discovery, until ? *until : now + spread(hold_down_after(before)));
  context_.report(ReportId::kDiscoveryFailed, discovery.reason, rule_name(discovery), discovery.flow,
                  discovery.agreed ? std::optional(discovery.peer) : std::nullopt);
  if (context_.settings.observes && !discovery.trace) {
    const bool answered = cue == Cue::kDisagreed;
    observations_.note({.rule = discovery.rule,
                        .flow = discovery.flow,
                        .finding = answered ? Finding::kDisagreed : Finding::kUnanswered,
                        .peer = answered ? std::optional(discovery.peer) : std::nullopt,
                        .reason = discovery.reason},
                       now);
  }
  discovery.agreed.reset();
  if (!discovery.trace) held_.drop(discovery.rule, discovery.flow.destination);
  set_silent(discovery, cue == Cue::kUnanswered);
  if (cue == Cue::kUnanswered) {
    open_bypass(discovery);
  } else {
    close_bypass(discovery);  // a peer is there: what goes wrong with it opens nothing
  }
}

void Initiator::finish(Discovery& discovery) {
  close_bypass(discovery);
  set_silent(discovery, false);
  discoveries_.erase(discovery);
}

void Initiator::on_routes(base::Instant now) {
  silent_.clear();
  refusals_.clear();
  std::vector<DiscoveryId> held;
  for (const auto& [id, discovery] : discoveries_.all()) {
    if (discovery.state == State::kHoldingDown || discovery.state == State::kResting) held.push_back(id);
  }
  for (const DiscoveryId id : held) {
    Discovery& discovery = *discoveries_.find(id);
    discovery.failures = 0;
    discovery.silent = false;  // cleared above
    if (discovery.state == State::kHoldingDown) release(discovery, now);
  }
}

void Initiator::release(Discovery& discovery, base::Instant now) {
  context_.report(ReportId::kHoldDownEnded, std::string(discoveries_.advance(discovery, Cue::kReleased)->story),
                  rule_name(discovery), discovery.flow);
  discoveries_.set_deadline(discovery, now + kRest);
}

// Where failure opens a bypass each destination has to be asked for itself.
bool Initiator::may_probe_network(const base::Flow& flow, policy::RuleIndex rule, base::Instant now) {
  return context_.policy->rule(rule).on_failure == policy::OnFailure::kBypass ||
         silent_.may_probe(rule, flow.destination, now);
}

bool Initiator::is_refused(const base::Flow& flow, policy::RuleIndex rule, base::Instant now) {
  return context_.policy->rule(rule).on_failure != policy::OnFailure::kBypass && !refusals_.may_probe(rule, flow, now);
}

void Initiator::set_silent(Discovery& discovery, bool silent) {
  if (discovery.trace || discovery.silent == silent) return;
  discovery.silent = silent;
  if (silent) {
    silent_.unanswered(discovery.rule, discovery.flow.destination);
  } else {
    silent_.forgotten(discovery.rule, discovery.flow.destination);
  }
}

bool Initiator::may_open(const Discovery& discovery) const {
  return !discovery.trace && !context_.settings.observes &&
         context_.policy->rule(discovery.rule).on_failure == policy::OnFailure::kBypass;
}

void Initiator::open_bypass(const Discovery& discovery) {
  if (!may_open(discovery)) return;
  const Opening opening{discovery.rule, discovery.flow.destination};
  openings_changed_ = true;  // again, too: the kernel closes what is not confirmed
  if (openings_.contains(opening)) return;
  if (openings_.size() >= context_.settings.limits.openings) return context_.counters.add(Counter::kOpeningsNoRoom);
  openings_.insert(opening);
  context_.report(
      ReportId::kBypassOpened,
      "no peer is found, and the rule says bypass: flows to " + opening.destination.text() + " pass in the clear",
      rule_name(discovery), discovery.flow);
}

void Initiator::close_bypass(const Discovery& discovery) {
  const Opening opening{discovery.rule, discovery.flow.destination};
  if (discovery.trace || openings_.erase(opening) == 0) return;
  openings_changed_ = true;
  context_.report(ReportId::kBypassClosed, "flows to " + opening.destination.text() + " no longer pass in the clear",
                  rule_name(discovery), discovery.flow);
}

}  // namespace engine
