#include "engine/initiator.hpp"

#include <algorithm>
#include <utility>

#include "engine/answer.hpp"
#include "engine/cookie.hpp"
#include "engine/probe.hpp"
#include "policy/halves.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"

namespace engine {

namespace {

/// True while an answer of that gateway is of use: the first that comes, and those of other gateways until the tunnel
/// stands.
bool awaits(const Discovery& discovery, const base::Address& gateway) {
  if (discovery.state == State::kProbing) return true;
  if (discovery.state != State::kNegotiating && discovery.state != State::kYielding) return false;
  return discovery.peer != gateway && discovery.alternates.size() < kMaxAlternates &&
         std::ranges::none_of(discovery.alternates, [&](const auto& other) { return other.peer == gateway; });
}

}  // namespace

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
  if (discovery == nullptr) {
    // A tunnel that is about to come will carry it.
    if (discoveries_.negotiating(match->rule, nullptr, flow) != nullptr) {
      context_.counters.add(Counter::kFlowsPending);
      return Fate::kAwaits;
    }
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
  if (discoveries_.size() < kMaxDiscoveries) return;
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
  discovery.doubted = false;
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

// Who sees our probes can forge this, and gains a few more probes for each of them. Ours are sent anew as if it had not
// come: it is no answer.
void Initiator::on_echo_wanted(const wire::Response& wanted, const wire::UdpDatagram& datagram, base::Instant now) {
  Discovery* discovery = discoveries_.find(wanted.initiator_cookie);
  std::optional<Rejection> wrong;
  if (discovery == nullptr) {
    wrong = {Counter::kResponsesUnknownCookie, "no recent probe of ours has its cookie"};
  } else if (discovery->state != State::kProbing || discovery->echoes == kMaxEchoes) {
    wrong = {Counter::kResponsesLate, "its probe has been answered, given up, or repeated with cookies often enough"};
  } else {
    wrong = fault_of(wanted, datagram.source, context_);
  }
  if (wrong) return reject(context_, wanted, *wrong);
  ++discovery->echoes;
  context_.counters.add(Counter::kProbesEchoed);
  transmit_probe(*discovery, wanted.responder_cookie, now);
}

void Initiator::on_response(const wire::Response& response, const wire::UdpDatagram& datagram, base::Instant now) {
  Standing standing;
  Discovery* discovery = accept(response, datagram, standing);
  if (discovery == nullptr) return;
  Alternate answer = answer_in(response, standing, context_);
  if (discovery->state != State::kProbing) return keep(*discovery, std::move(answer));
  context_.counters.add(Counter::kResponsesAccepted);
  if (answer.half) context_.counters.add(Counter::kResponsesDraftAccepted);
  if (standing.is_proven()) context_.counters.add(Counter::kResponsesProven);
  if (discovery->trace) return answer_trace(*discovery, response, standing, now);
  Peer& peer = peers_.seen(response.gateway, now);
  note_standing(*discovery, response, standing, peer);
  ++peer.responses;
  peer.round_trip = now - discovery->last_sent;
  peer.is_draft = answer.half.has_value();
  const std::string proof = standing.is_proven() ? ", authenticated by " + standing.text() : "";
  context_.report(ReportId::kResponseAccepted, response.gateway.text() + " answered with " + answer.text() + proof,
                  rule_name(*discovery), discovery->flow, response.gateway);
  agree(*discovery, answer, now);
}

// A trace asks who is there, whatever comes of it.
bool Initiator::wants_proof(const Discovery& discovery) const {
  return !discovery.trace && context_.policy->rule(discovery.rule).authenticated;
}

// What is not read here any more says nothing of the peer.
void Initiator::note_standing(const Discovery& discovery, const wire::Response& response, const Standing& standing,
                              Peer& peer) {
  const Means read = context_.ports.authenticator == nullptr ? Means{} : context_.ports.authenticator->means();
  const bool is_less = (peer.proven.keyed_hash && read.keyed_hash && !standing.proven.keyed_hash) ||
                       (peer.proven.signature && read.signature && !standing.proven.signature);
  if (is_less) {
    const std::string now = standing.is_proven() ? " is authenticated by less than before: " + standing.text() +
                                                       " (before: " + peer.proof + ")"
                                                 : " is not authenticated any more, and was before: " + standing.fault +
                                                       "; the rule takes that (authenticated = false)";
    context_.counters.add(Counter::kResponsesDowngraded);
    context_.report(ReportId::kResponseDowngraded, response.gateway.text() + now, rule_name(discovery), discovery.flow,
                    response.gateway);
  }
  peer.proof = standing.text();
  peer.proven = {.keyed_hash = peer.proven.keyed_hash || standing.proven.keyed_hash,
                 .signature = peer.proven.signature || standing.proven.signature};
}

// The cookie is known before a proof is looked at: only who sees our probes can make us check signatures.
Discovery* Initiator::accept(const wire::Response& response, const wire::UdpDatagram& datagram, Standing& standing) {
  Discovery* discovery = discoveries_.find(response.initiator_cookie);
  std::optional<Rejection> wrong;
  if (discovery == nullptr) {
    wrong = {Counter::kResponsesUnknownCookie, "no recent probe of ours has its cookie"};
  } else if (!awaits(*discovery, response.gateway)) {
    wrong = {Counter::kResponsesLate, "its probe has been answered or given up"};
  } else {
    wrong = fault_of(response, datagram, {takes_draft(*discovery), wants_proof(*discovery)}, standing, context_);
  }
  if (!wrong) return discovery;
  const bool is_doubt =
      wrong->reason == Counter::kResponsesUnproven || wrong->reason == Counter::kResponsesUnauthorised;
  if (is_doubt) note_doubt(*discovery, response, *wrong);
  reject(context_, response, *wrong);
  return nullptr;
}

// Whoever it was, a gateway that is believed may still answer; when none does, this is what there is to say.
void Initiator::note_doubt(Discovery& discovery, const wire::Response& response, const Rejection& why) {
  if (discovery.state != State::kProbing || discovery.disagreed) return;
  discovery.doubted = true;
  discovery.reason = response.gateway.text() + " answered, and is not believed: " + why.why;
}

std::string Initiator::why_unanswered(const Discovery& discovery) const {
  return discovery.doubted ? "no gateway answered that is believed: " + discovery.reason : "";
}

void Initiator::on_unreachable(const wire::Unreachable& error, base::Instant now) {
  Discovery* discovery = discoveries_.find(error.initiator_cookie);
  if (discovery == nullptr || discovery->state != State::kProbing || error.source != discovery->flow.source ||
      error.destination != discovery->flow.destination) {
    return context_.counters.add(Counter::kUnreachableRejected);
  }
  context_.counters.add(Counter::kProbesUnreachable);
  std::string reason = "no gateway answered: " + error.reporter.text() + " says that " + error.destination.text() +
                       " is unreachable (code " + std::to_string(error.code) + "), so the probe met none on its path";
  if (discovery->trace) return fail_trace(*discovery, std::move(reason));
  if (may_open(*discovery) || discovery->disagreed) return;
  fail(*discovery, Cue::kUnanswered, Counter::kDiscoveriesUnanswered, std::move(reason), now);
}

void Initiator::answer_trace(Discovery& discovery, const wire::Response& response, const Standing& standing,
                             base::Instant now) {
  TraceDone done{.id = *discovery.trace, .answered = true, .gateway = response.gateway};
  done.round_trip = now - discovery.last_sent;
  if (response.proxy) done.proxy = response.proxy->mirrored();
  const Alternate answer = answer_in(response, standing, context_);
  done.half_proxy = answer.half;
  if (response.list) done.offer = answer.theirs;
  done.proof = standing.text();
  if (standing.is_proven()) peers_.seen(response.gateway, now).proof = done.proof;
  const auto agreed = agreed_by(*context_.policy, discovery.flow, answer);
  if (!agreed) {
    done.reason = agreed.error();
  } else {
    done.reason = why_not(discovery.flow, response, answer, standing);
    if (done.reason.empty()) done.tunnel = *agreed;
  }
  finish_trace(discovery, std::move(done));
}

void Initiator::fail_trace(Discovery& discovery, std::string reason) {
  finish_trace(discovery, {.id = *discovery.trace, .reason = std::move(reason)});
}

void Initiator::finish_trace(Discovery& discovery, TraceDone done) {
  done.attempts = discovery.attempts;
  context_.act(std::move(done));
  discoveries_.advance(discovery, Cue::kTraced);
  discoveries_.erase(discovery);
}

std::optional<base::Instant> Initiator::next_deadline() const {
  const auto discovery = discoveries_.next_deadline();
  const auto held = held_.next_deadline();
  return discovery && held ? std::min(*discovery, *held) : discovery ? discovery : held;
}

void Initiator::on_deadline(base::Instant now) {
  held_.expire(now);
  while (Discovery* discovery = discoveries_.due(now)) on_due(*discovery, now);
}

void Initiator::on_due(Discovery& discovery, base::Instant now) {
  switch (discovery.state) {
    case State::kProbing:
      if (discovery.disagreed) {
        return fail(discovery, Cue::kDisagreed, Counter::kDiscoveriesDisagreed, std::move(discovery.reason), now);
      }
      if (discovery.attempts < kProbeAttempts) {
        const Move* move = discoveries_.advance(discovery, Cue::kRepeat);
        context_.counters.add(Counter::kProbesRepeated);
        context_.report(ReportId::kProbeRepeated, std::string(move->story), rule_name(discovery), discovery.flow);
        return send_probe(discovery, now);
      }
      if (discovery.trace) return fail_trace(discovery, discovery.doubted ? discovery.reason : "no gateway answered");
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
  if (discovery.yields >= kYields) return negotiate(discovery, Cue::kAgreed, now);
  const Move* move = discoveries_.advance(discovery, Cue::kRepeat);
  context_.counters.add(Counter::kProbesRepeated);
  context_.report(ReportId::kProbeRepeated, std::string(move->story), rule_name(discovery), discovery.flow);
  discovery.attempts = 0;
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
  const auto part = static_cast<std::uint64_t>(wait.count()) / kJitterDivisor;
  return wait + base::Duration(static_cast<base::Duration::rep>(context_.ports.random.jitter(part + 1)));
}

const std::string& Initiator::rule_name(const Discovery& discovery) const {
  static const std::string kNone;
  const auto index = static_cast<std::size_t>(discovery.rule);
  return !discovery.trace && index < context_.policy->rules().size() ? context_.policy->rules()[index].name : kNone;
}

}  // namespace engine
