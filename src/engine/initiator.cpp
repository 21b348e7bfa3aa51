#include "engine/initiator.hpp"

#include <algorithm>
#include <utility>

#include "engine/cookie.hpp"
#include "engine/hold_down.hpp"
#include "engine/probe.hpp"
#include "policy/halves.hpp"

namespace engine {

void Initiator::on_caught(FlowCaught caught, base::Instant now) {
  context_.counters.add(Counter::kFlowsCaught);
  // A host that a stranger's probe went on to says that it has no such port: to look for the stranger's gateway would
  // tell him what he was not told, and send more than he did.
  if (caught.about_probe) return context_.counters.add(Counter::kFlowsAboutProbes);
  const auto match = context_.policy->first_match(caught.flow);
  const Fate fate = on_flow(caught.flow, match, now);
  if (caught.packet.empty() || fate == Fate::kLost) return;
  held_.keep(caught.flow, match->rule, std::move(caught.packet), now);
  if (fate == Fate::kCarried) release_held([&](const base::Flow& flow) { return flow == caught.flow; });
}

Initiator::Fate Initiator::on_flow(const base::Flow& flow, const std::optional<policy::Match>& match,
                                   base::Instant now) {
  if (!may_discover(flow, match)) return Fate::kLost;
  if (tunnels_.on_caught(flow, now)) {
    context_.counters.add(Counter::kFlowsCovered);
    return Fate::kCarried;
  }

  if (context_.settings.observes && observations_.seen(match->rule, flow, now)) {
    context_.counters.add(Counter::kFlowsObserved);
    return Fate::kLost;
  }

  Discovery* discovery = discoveries_.find(match->rule, flow.destination);
  if (discovery != nullptr && discovery->state != State::kResting) {
    if (flow != discovery->flow) discovery->waiting = std::make_unique<base::Flow>(flow);
    const bool failed = discovery->state == State::kHoldingDown;
    context_.counters.add(failed ? Counter::kFlowsHeldDown : Counter::kFlowsPending);
    return failed ? Fate::kLost : Fate::kAwaits;
  }
  // A tunnel that is about to come will carry it.
  if (discoveries_.negotiating(match->rule, nullptr, flow) != nullptr) {
    context_.counters.add(Counter::kFlowsPending);
    return Fate::kAwaits;
  }
  if (is_refused(flow, match->rule, now)) {
    context_.counters.add(Counter::kFlowsHeldDown);
    return Fate::kLost;
  }
  if (!pace_.admit(flow.source, now)) {
    context_.counters.add(Counter::kFlowsPaced);
    return Fate::kLost;
  }
  if (discovery == nullptr) {
    if (!may_probe_network(flow, match->rule, now)) {
      context_.counters.add(Counter::kFlowsSilentPrefix);
      return Fate::kLost;
    }
    if (discoveries_.has_its_share(flow.source)) {
      context_.counters.add(Counter::kFlowsShareUsed);
      return Fate::kLost;
    }
    make_room();
    discovery = discoveries_.add(flow, match->rule, std::nullopt);
  }
  if (discovery == nullptr) {
    context_.counters.add(Counter::kFlowsNoRoom);
    return Fate::kLost;
  }
  take_turn(*discovery, flow);
  start(*discovery, now);
  return Fate::kAwaits;
}

// After a rest another flow to the same destination may ask, and one that waited goes first: where only some of them
// are answered, those that are not would hold down the others for ever.
void Initiator::take_turn(Discovery& discovery, const base::Flow& caught) {
  const auto waiting = std::exchange(discovery.waiting, nullptr);
  discoveries_.set_flow(discovery, waiting && !tunnels_.cover(*waiting) ? *waiting : caught);
  discovery.rule = context_.policy->first_match(discovery.flow)->rule;
}

// A failure that is only remembered is worth less than a flow that asks now.
void Initiator::make_room() {
  if (!discoveries_.is_full()) return;
  Discovery* oldest = discoveries_.oldest(State::kResting);
  if (oldest == nullptr) oldest = discoveries_.oldest(State::kHoldingDown);
  if (oldest == nullptr) return;
  context_.counters.add(Counter::kDiscoveriesEvicted);
  discoveries_.advance(*oldest, Cue::kForgotten);
  finish(*oldest);
}

bool Initiator::may_discover(const base::Flow& flow, const std::optional<policy::Match>& match) {
  if (!match || context_.policy->rule(match->rule).action != policy::Action::kProtect) {
    context_.counters.add(Counter::kFlowsNotProtected);
  } else if (!context_.policy->rule(match->rule).discover) {
    context_.counters.add(Counter::kFlowsNoDiscover);
  } else if (!context_.gateway_for(flow.destination.family())) {
    context_.counters.add(Counter::kFlowsNoGatewayAddress);
  } else {
    return true;
  }
  return false;
}

void Initiator::on_trace(TraceId id, const base::Flow& flow, base::Instant now) {
  const auto match = context_.policy->first_match(flow);
  Discovery* discovery = discoveries_.add(flow, match ? match->rule : policy::RuleIndex{}, id);
  if (discovery == nullptr || !context_.gateway_for(flow.destination.family())) {
    if (discovery != nullptr) discoveries_.erase(*discovery);
    context_.counters.add(Counter::kFlowsNoRoom);
    return context_.act(TraceDone{.id = id, .reason = "no room for one more discovery"});
  }
  start(*discovery, now);
}

void Initiator::start(Discovery& discovery, base::Instant now) {
  const Move* move = discoveries_.advance(discovery, Cue::kCaught);
  if (move == nullptr) return;
  context_.counters.add(Counter::kDiscoveriesStarted);
  discovery.attempts = 0;
  discovery.yields = 0;
  discovery.disagreed = false;
  discovery.hint = Hint::kNone;
  discovery.alternates.clear();
  discovery.gateway = *context_.gateway_for(discovery.flow.destination.family());
  discoveries_.set_cookie(discovery, cookie_of(context_.ports.random.secret() | 1));
  context_.report(ReportId::kDiscoveryStarted,
                  discovery.trace ? "a trace was asked for: probing the path of its flow" : std::string(move->story),
                  rule_name(discovery), discovery.flow);
  send_probe(discovery, now);
}

// An old peer merges with the half that it is told, so that must be one that we would propose.
base::MaskedAddress Initiator::half_of(const Discovery& discovery) const {
  const auto match = *context_.policy->first_match(discovery.flow);
  return takes_draft(discovery) ? policy::own_box(*context_.policy, match, discovery.flow).local : match.line.local;
}

// A rule that does not tell everybody what it protects does not write that on its own probes, either. An old peer needs
// it: it is the question.
bool Initiator::tells_half(const Discovery& discovery) const {
  const policy::Rule& rule = context_.policy->rule(discovery.rule);
  return rule.draft || rule.disclose == policy::Disclose::kAll;
}

void Initiator::send_probe(Discovery& discovery, base::Instant now) {
  transmit_probe(discovery, {}, now);
  discoveries_.set_deadline(discovery, now + spread(kProbeTimeout * (1U << discovery.attempts)));
  ++discovery.attempts;
  discovery.echoes = 0;
}

void Initiator::transmit_probe(Discovery& discovery, const wire::Cookie& echo, base::Instant now) {
  const Tunnel* tunnel = discovery.trace ? tunnels_.carrier(discovery.flow) : nullptr;
  wire::Probe probe = probe_for(discovery.flow, discovery.cookie, discovery.gateway, tunnel);
  if (context_.settings.observes) probe.capabilities->bits |= wire::Capabilities::kObserves;
  if (!discovery.trace && tells_half(discovery)) probe.half_proxy = half_of(discovery);
  // What is asked for is that a signature be worth looking at: without one nobody asks.
  const bool signs = context_.ports.authenticator != nullptr && context_.ports.authenticator->means().signature;
  if (signs) probe.capabilities->bits |= wire::Capabilities::kEchoes;
  probe.echo = echo;
  context_.act(Transmit{packet_of(probe, context_.ports.authenticator)});
  context_.counters.add(Counter::kProbesSent);
  discovery.last_sent = now;
}

std::optional<base::Instant> Initiator::next_deadline() const {
  const auto discovery = discoveries_.next_deadline();
  const auto held = held_.next_deadline();
  return discovery && held ? std::min(*discovery, *held) : discovery ? discovery : held;
}

void Initiator::on_deadline(base::Instant now) {
  held_.expire(now);
  for (std::size_t done = 0; done < kMaxDueAtOnce; ++done) {
    Discovery* const discovery = discoveries_.due(now);
    if (discovery == nullptr) return;
    on_due(*discovery, now);
  }
}

void Initiator::on_due(Discovery& discovery, base::Instant now) {
  switch (discovery.state) {
    case State::kProbing:
      if (discovery.disagreed) {
        if (discovery.agreed) return ask(discovery, now);
        return fail(discovery, Cue::kDisagreed, Counter::kDiscoveriesDisagreed, std::move(discovery.reason), now);
      }
      if (discovery.attempts < kProbeAttempts) {
        const Move* move = discoveries_.advance(discovery, Cue::kRepeat);
        context_.counters.add(Counter::kProbesRepeated);
        context_.report(ReportId::kProbeRepeated, std::string(move->story), rule_name(discovery), discovery.flow);
        return send_probe(discovery, now);
      }
      if (discovery.trace) return fail_trace(discovery, why_unanswered(discovery));
      return fail(discovery, Cue::kUnanswered, Counter::kDiscoveriesUnanswered, why_unanswered(discovery), now);
    case State::kNegotiating: return on_ike_failed(discovery, "no result in time", now);
    case State::kYielding: return on_yielded(discovery, now);
    case State::kHoldingDown: return release(discovery, now);
    case State::kResting: discoveries_.advance(discovery, Cue::kForgotten); return finish(discovery);
    case State::kIdle:
    case State::kFinished: return discoveries_.erase(discovery);
  }
}

// Whether the other end is still at it is asked of it, and not guessed: IKE takes long where much is lost.
void Initiator::on_yielded(Discovery& discovery, base::Instant now) {
  if (discoveries_.negotiating(discovery.rule, &discovery.peer, discovery.flow) != nullptr) {
    return yield(discovery, now);
  }
  if (discovery.yields >= kYields) return ask(discovery, now);
  const Move* move = discoveries_.advance(discovery, Cue::kRepeat);
  context_.counters.add(Counter::kProbesRepeated);
  context_.report(ReportId::kProbeRepeated, std::string(move->story), rule_name(discovery), discovery.flow);
  discovery.attempts = 0;
  discovery.disagreed = false;  // who answered in vain was asked by another probe
  discovery.alternates.clear();
  send_probe(discovery, now);
}

void Initiator::on_policy() {
  std::vector<DiscoveryId> traces;
  for (const auto& [id, discovery] : discoveries_.all()) {
    if (discovery.trace) traces.push_back(id);
  }
  for (const DiscoveryId id : traces) {
    const Discovery* discovery = discoveries_.find(id);
    context_.act(TraceDone{.id = *discovery->trace, .reason = "the policy was replaced meanwhile"});
  }
  discoveries_.clear();
  held_.clear();
  silent_.clear();
  refusals_.clear();
  observations_.clear();
  openings_changed_ = openings_changed_ || !openings_.empty();
  openings_.clear();
}

void Initiator::announce_openings() {
  if (!openings_changed_) return;
  openings_changed_ = false;
  context_.act(SetOpenings{{openings_.begin(), openings_.end()}});
}

base::Duration Initiator::spread(base::Duration wait) const {
  return engine::spread(wait, context_.ports.random);
}

const std::string& Initiator::rule_name(const Discovery& discovery) const {
  static const std::string kNone;
  const auto index = static_cast<std::size_t>(discovery.rule);
  return !discovery.trace && index < context_.policy->rules().size() ? context_.policy->rules()[index].name : kNone;
}

}  // namespace engine
