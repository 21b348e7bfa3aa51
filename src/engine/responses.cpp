// The part of Initiator about what comes back to a probe: who is believed, what is proven, what a trace is told, and
// the network's word that there is nobody.
#include <algorithm>
#include <utility>

#include "engine/answer.hpp"
#include "engine/initiator.hpp"

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
  report_answer(*discovery, answer, standing);
  agree(*discovery, answer, now);
}

void Initiator::report_answer(const Discovery& discovery, const Alternate& answer, const Standing& standing) {
  const std::string proof = standing.is_proven() ? ", authenticated by " + standing.text() : "";
  context_.report(ReportId::kResponseAccepted, answer.peer.text() + " answered with " + answer.text() + proof,
                  rule_name(discovery), discovery.flow, answer.peer);
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
  if (discovery != nullptr) note_doubt(*discovery, response, *wrong);
  reject(context_, response, *wrong);
  return nullptr;
}

// Whoever it was, a gateway that is believed may still answer; when none does, this is what there is to say.
void Initiator::note_doubt(Discovery& discovery, const wire::Response& response, const Rejection& why) {
  if (discovery.state != State::kProbing || discovery.disagreed) return;
  discovery.hint = Hint::kDoubted;
  discovery.reason = response.gateway.text() + " answered, and is not believed: " + why.why;
}

void Initiator::answer_trace(Discovery& discovery, const wire::Response& response, const Standing& standing,
                             base::Instant now) {
  TraceDone done{.id = *discovery.trace, .answered = true, .gateway = response.gateway};
  done.round_trip = now - discovery.last_sent;
  if (response.proxy) done.proxy = response.proxy->mirrored();
  const Alternate answer = answer_in(response, standing, context_);
  report_answer(discovery, answer, standing);
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

}  // namespace engine
