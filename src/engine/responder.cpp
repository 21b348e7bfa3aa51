#include "engine/responder.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/probe.hpp"
#include "policy/halves.hpp"
#include "wire/codec.hpp"
#include "wire/layout.hpp"
#include "wire/proof.hpp"

namespace engine {

namespace {

// Written from our side. A probe of the draft form does not tell P: it stands for it itself, as it goes between the
// same hosts.
base::Flow asked_for(const wire::Probe& probe, const wire::UdpDatagram& datagram) {
  if (probe.summary) return probe.summary->mirrored();
  return {datagram.destination, datagram.source, base::Protocol::kUdp, datagram.destination_port, datagram.source_port};
}

bool names_others(const wire::Probe& probe, const wire::UdpDatagram& datagram) {
  if (!probe.summary) return probe.half_proxy && !probe.half_proxy->contains(datagram.source);
  return probe.summary->source != datagram.source || probe.summary->destination != datagram.destination;
}

}  // namespace

void Responder::pass_on(base::ByteView caught, Counter reason) {
  context_.counters.add(reason);
  base::Bytes packet(caught.begin(), caught.end());
  if (!wire::decrement_hop_limit(packet)) {
    context_.counters.add(Counter::kProbesExpired);
    return;
  }
  if (reason != Counter::kProbesPassedOn) context_.counters.add(Counter::kProbesPassedOn);
  context_.act(Transmit{std::move(packet)});
}

void Responder::on_probe(const wire::Probe& probe, const wire::UdpDatagram& datagram, base::ByteView packet,
                         base::Instant now) {
  // What is known of the asker stands in many places, which come while policy is asked.
  admission_.fetch(probe.gateway);
  tunnels_.fetch_with(probe.gateway);
  const base::Flow inbound = asked_for(probe, datagram);
  const Judged judged = judge(probe, datagram, inbound, now);
  if (judged.ruling == Ruling::kUnheard) return ask_for_echo(probe, datagram, now);
  if (judged.ruling != Ruling::kAnswered) {
    return carry_out(judged.ruling, probe, datagram, judged.standing, packet, now);
  }
  if (judged.coming) context_.counters.add(Counter::kProbesUnderWay);
  const std::size_t header = wire::longer_ip_header(inbound.source.family(), probe.gateway.family());
  const std::size_t limit = std::max(datagram.payload.size(), header) - header;
  const Ruling ruling = answer(probe, judged, inbound, limit, now);
  if (ruling != Ruling::kAnswered) carry_out(ruling, probe, datagram, judged.standing, {}, now);
}

// The first rows, which ask policy alone; kAnswered when none of them holds.
Ruling Responder::policy_ruling(const wire::Probe& probe, const wire::UdpDatagram& datagram,
                                const std::optional<policy::Match>& match) const {
  const policy::Rule* rule = match ? &context_.policy->rule(match->rule) : nullptr;
  const bool responds = rule != nullptr && rule->action == policy::Action::kProtect && rule->respond;
  if (!probe.summary && !(responds && rule->draft)) return Ruling::kDraft;
  if (names_others(probe, datagram)) return Ruling::kMismatched;
  if (context_.is_own(probe.gateway)) return Ruling::kOwn;
  if (!responds) return Ruling::kNotOurs;
  if (context_.settings.observes && !probe.has(wire::Capabilities::kObserves)) return Ruling::kObserving;
  const base::Prefix asker(probe.gateway);
  const auto holds = [&asker](const base::Prefix& known) { return known.covers(asker); };
  return rule->askers.empty() || std::ranges::any_of(rule->askers, holds) ? Ruling::kAnswered : Ruling::kNotAsker;
}

// What tells a probe that proves itself from all others: of what is judged here, as anybody can write what is not. The
// first half of an ECDSA signature, for the second can be had in two forms.
std::optional<std::uint64_t> Responder::mark_of(const wire::Probe& probe, const wire::UdpDatagram& datagram) const {
  if (context_.ports.authenticator == nullptr || probe.proof_at == 0) return std::nullopt;
  const wire::Proof proof = wire::proof_in(datagram.payload, probe.proof_at);
  const bool is_keyed = !proof.keyed_hash.empty() && context_.ports.authenticator->means().keyed_hash;
  const base::ByteView judged = is_keyed ? proof.keyed_hash : proof.signature;
  if (judged.empty()) return std::nullopt;
  return base::load<std::uint64_t>(judged.first<8>());
}

// A cookie of ours that comes back, of this window or the one before, was received where the probe says to stand.
Sender Responder::sender_of(const wire::Probe& probe, base::Instant now) const {
  Sender sender{.gateway = probe.gateway};
  if (!probe.has(wire::Capabilities::kEchoes)) return sender;
  sender.reach = Sender::Reach::kCanBeAsked;
  const auto own = context_.gateway_of(probe.gateway.family());
  if (!own || probe.echo == wire::Cookie{}) return sender;
  if (probe.echo == cookie_for(probe, *own, now) || probe.echo == cookie_for(probe, *own, now - kCookieWindow)) {
    sender.reach = Sender::Reach::kShown;
  } else {
    context_.counters.add(Counter::kProbesWrongEcho);
  }
  return sender;
}

// Copies first, which anybody can send any number of: what they prove was judged once. Who proves something has buckets
// of its own: nobody else can use them up, whatever gateway it claims to be.
Ruling Responder::proof_ruling(const wire::Probe& probe, const wire::UdpDatagram& datagram, const policy::Rule& rule,
                               Standing& standing, base::Instant now) {
  const bool wanted = rule.authenticated || rule.disclose == policy::Disclose::kNothing;
  const auto mark = mark_of(probe, datagram);
  if (mark && replays_.knows(*mark, now)) return Ruling::kReplayed;
  // What brings no proof is asked for its standing where that will be told alone.
  if (wanted || (context_.ports.authenticator != nullptr && probe.proof_at != 0)) {
    standing = context_.standing(probe.proof_at, datagram.payload, sender_of(probe, now));
  }
  if (standing.wants_echo) return echo_requests_.take(now) ? Ruling::kUnheard : Ruling::kTooMany;
  if (!standing.is_proven()) {
    if (!admission_.admit(probe.gateway, now)) return Ruling::kTooMany;
    if (wanted) context_.counters.add(standing.reason);
    return wanted ? Ruling::kUnproven : Ruling::kAnswered;
  }
  if (mark && !replays_.note(*mark, now)) context_.counters.add(Counter::kReplaysForgotten);
  const bool may_ask = !standing.authorisation || standing.authorisation->allowed.contains(datagram.source);
  if (!may_ask) return Ruling::kUnauthorised;
  return proven_admission_.admit(probe.gateway, now) ? Ruling::kAnswered : Ruling::kTooMany;
}

// All but the last two before the end, which are known when there is an answer.
Responder::Judged Responder::judge(const wire::Probe& probe, const wire::UdpDatagram& datagram,
                                   const base::Flow& inbound, base::Instant now) {
  Judged judged{.match = context_.policy->first_match(inbound), .ruling = Ruling::kAnswered};
  judged.ruling = policy_ruling(probe, datagram, judged.match);
  if (judged.ruling != Ruling::kAnswered) return judged;
  if (!context_.is_usable_peer(probe.gateway)) return {.ruling = Ruling::kBadGateway};
  admission_.fetch_found(probe.gateway);
  tunnels_.fetch_oldest_with(probe.gateway);
  const policy::Rule& rule = context_.policy->rule(judged.match->rule);
  judged.ruling = proof_ruling(probe, datagram, rule, judged.standing, now);
  if (judged.ruling != Ruling::kAnswered) return judged;
  if (!probe.summary) {
    // An asker that does not tell its half may have the widest that the rule takes.
    const base::MaskedAddress theirs = probe.half_proxy.value_or(judged.match->line.remote);
    judged.half = policy::responder_half(*context_.policy, *judged.match, inbound, theirs);
    if (!judged.half) return {.ruling = Ruling::kUndecided};
    // The draft form has no room for less than a half; so for whom the rule does not tell it all that is the host.
    if (!judged.standing.is_proven() && rule.disclose != policy::Disclose::kAll) {
      judged.half = base::Prefix(inbound.source);
    }
  }
  // For an asker that does not read that it is coming only for a moment: when that takes long it may never come, and
  // the asker must not think that nobody is here.
  const Discovery* coming = under_way(probe, *judged.match, inbound);
  const bool reads = probe.has(wire::Capabilities::kTellsTunnels);
  if (coming != nullptr && !reads && now - coming->last_sent < kUnderWay) return {.ruling = Ruling::kComing};
  judged.coming = coming != nullptr;
  return judged;
}

// RFC 2408 section 2.5.3: the cookie costs us nothing to make and nothing to keep, and the probe comes back with it.
void Responder::carry_out(Ruling ruling, const wire::Probe& probe, const wire::UdpDatagram& datagram,
                          const Standing& standing, base::ByteView packet, base::Instant now) {
  const RulingRow& row = row_of(ruling);
  tell(ruling, probe, datagram, standing, now);
  if (row.end == ProbeEnd::kTravelsOn) return pass_on(packet, row.counter);
  context_.counters.add(row.counter);
}

// The rule that would nearly have answered is looked for now and then: who floods and a watcher who reads it all shall
// not make us look for it every time.
void Responder::tell(Ruling ruling, const wire::Probe& probe, const wire::UdpDatagram& datagram,
                     const Standing& standing, base::Instant now) {
  if (ruling == Ruling::kComing) return;  // it is as good as answered
  UnansweredProbe known{.at = now,
                        .ruling = ruling,
                        .flow = asked_for(probe, datagram).mirrored(),
                        .came_from = datagram.source,
                        .went_to = datagram.destination,
                        .gateway = probe.gateway,
                        .fault = {}};
  if (ruling == Ruling::kUnproven) known.fault = standing.fault;
  if (ruling == Ruling::kUnauthorised) known.fault = standing.authorisation->limits();
  const RulingRow& row = row_of(ruling);
  const ReportId id = row.end == ProbeEnd::kTravelsOn ? ReportId::kProbePassedOn : ReportId::kProbeDropped;
  if (!row.story.empty() && context_.wants(id)) {
    const bool is_short = ruling == Ruling::kNotOurs && !near_misses_.take(now);
    context_.report(id, is_short ? std::string(row.story) : story(known, *context_.policy), {}, probe.summary,
                    probe.gateway);
  }
  unanswered_.note(std::move(known));
}

// The tunnel that it asks for is being brought up, by us and with it.
const Discovery* Responder::under_way(const wire::Probe& probe, const policy::Match& match,
                                      const base::Flow& inbound) const {
  return discoveries_.negotiating(match.rule, &probe.gateway, inbound);
}

bool Responder::hear_of_tunnel(const wire::Probe& probe, const base::Flow& inbound, base::Instant now) {
  Tunnel* const tunnel = tunnels_.with(probe.gateway, inbound, asker_in(probe));
  if (tunnel == nullptr) return false;
  if (probe.has(wire::Capabilities::kTellsTunnels)) {
    checks_.on_probe(*tunnel, inbound, probe.has(wire::Capabilities::kTunnelStands), now);
  }
  return true;
}

}  // namespace engine
