#include "engine/path_checks.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/answer.hpp"
#include "engine/limits.hpp"
#include "engine/probe.hpp"

namespace engine {

void PathChecks::wait_for_turn(Check& check, base::Instant due) {
  if (check.is_out()) {
    windows_.erase(check);
    by_cookie_.erase(std::exchange(check.cookie, wire::Cookie{}));
  }
  check.due = due;
  turns_.set(check, due);
}

base::Instant PathChecks::next_turn(base::Instant now) const {
  const auto part = static_cast<std::uint64_t>(kCheckEvery.count()) / kJitterDivisor;
  return now + kCheckEvery - base::Duration(static_cast<base::Duration::rep>(context_.ports.random.jitter(part)));
}

void PathChecks::add(TunnelId id, base::Instant now) {
  const auto [at, is_new] = by_id_.try_emplace(id);
  if (!is_new) return;
  at->second.id = id;
  wait_for_turn(at->second, now + kFirstCheck);
}

void PathChecks::rename(TunnelId before, TunnelId after, base::Instant now) {
  const auto found = by_id_.find(before);
  const bool was_on_path = found != by_id_.end() && found->second.was_on_path;
  remove(before);
  add(after, now);
  by_id_.find(after)->second.was_on_path |= was_on_path;
}

void PathChecks::remove(TunnelId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  queue_of(found->second).erase(found->second);
  by_cookie_.erase(found->second.cookie);
  by_id_.erase(found);
}

// Behind those that are due: whoever makes probes up cannot keep the others from their turns.
void PathChecks::on_probe(const Tunnel& tunnel, const base::Flow& flow, bool stands, base::Instant now) {
  const auto found = by_id_.find(tunnel.facts.id);
  if (found == by_id_.end()) return;
  Check& check = found->second;
  if (stands) {
    // Anybody may have named it: who answers on its path is not known, and one on whose path the other end never
    // answered gives way to the next.
    if (!tunnel.is_sample && (tunnel.facts.cookie || check.was_on_path)) return;
    check.was_on_path = false;
    return tunnels_.made_for(check.id, flow);
  }
  if (check.is_out() || now - tunnel.renewed < kSettled || now - check.sent < kCheckAgain) return;
  wait_for_turn(check, std::min(check.due, now));
}

// What a probe that is out comes back with may be from before the change: it is asked again.
void PathChecks::on_routes(base::Instant now) {
  for (auto& [id, check] : by_id_) {
    const base::Instant soon = std::max(now, check.sent + kCheckAgain);
    wait_for_turn(check, check.is_out() ? soon : std::min(check.due, soon));
  }
}

namespace {

// Who answers in the name of the tunnel's other end may speak for what it carries; any other holder of a certificate
// may not say that the tunnel is lost.
std::optional<Rejection> fault_of_name(const Tunnel& tunnel, const Standing& standing) {
  const auto excess = excess_of(standing.authorisation, tunnel.facts.selectors);
  if (!excess) return std::nullopt;
  return Rejection{Counter::kResponsesUnauthorised, "it comes in the name of a tunnel's other end, and " + *excess};
}

}  // namespace

bool PathChecks::on_response(const wire::Response& response, const wire::UdpDatagram& datagram, base::Instant now) {
  const auto found = by_cookie_.find(response.initiator_cookie);
  if (found == by_cookie_.end()) return false;
  const Tunnel* tunnel = tunnels_.find(found->second);
  if (tunnel == nullptr) return true;
  const policy::Rule& rule = context_.policy->rule(tunnel->rule);
  Standing standing;
  auto wrong = fault_of(response, datagram, {rule.draft, rule.authenticated}, standing, context_);
  if (!wrong && response.gateway == tunnel->facts.peer) wrong = fault_of_name(*tunnel, standing);
  if (wrong) {
    reject(context_, response, *wrong);
    return true;
  }
  context_.counters.add(Counter::kResponsesAccepted);
  if (!response.proxy) context_.counters.add(Counter::kResponsesDraftAccepted);
  if (standing.is_proven()) context_.counters.add(Counter::kResponsesProven);
  if (response.gateway == tunnel->facts.peer) peers_.seen(response.gateway, now).proof = standing.text();
  Check& check = by_id_.find(found->second)->second;
  const Heard heard = meaning(*tunnel, check, response, standing);
  check.was_on_path |= response.gateway == tunnel->facts.peer;
  if (heard == Heard::kElsewhere) check.elsewhere = response.gateway;
  check.heard = std::max(check.heard, heard);
  return true;
}

// A peer that does not tell is as good as one that says yes. One that answers at another of its addresses has the
// tunnel all the same, and says so; when it means another tunnel, we have that one, too. Anybody else counts only when
// a tunnel could come of its answer, and when the other end was the one that answers: always at the end that asked for
// the tunnel, but on the other's way back gateways may stand from the beginning that protect the same.
PathChecks::Heard PathChecks::meaning(const Tunnel& tunnel, const Check& check, const wire::Response& response,
                                      const Standing& standing) const {
  using wire::Capabilities;
  const Capabilities told = response.capabilities.value_or(Capabilities{});
  const bool tells = told.has(Capabilities::kTellsTunnels);
  const bool stands = tells && told.has(Capabilities::kTunnelStands);
  if (response.gateway == tunnel.facts.peer) return tells && !stands ? Heard::kLost : Heard::kStands;
  if (stands && tunnels_.with(response.gateway, check.flow) == nullptr) return Heard::kStands;
  if (tunnel.is_sample || check.flow != tunnel.flow || !(tunnel.facts.cookie || check.was_on_path))
    return Heard::kNothing;
  const Alternate answer = answer_in(response, standing, context_);
  return agreed_by(*context_.policy, tunnel.flow, answer) ? Heard::kElsewhere : Heard::kNothing;
}

std::optional<base::Instant> PathChecks::next_deadline() const {
  std::optional<base::Instant> next;
  if (!turns_.empty()) next = std::max(turns_.next(), paced_until_);
  if (!windows_.empty() && (!next || windows_.next() < *next)) next = windows_.next();
  return next;
}

void PathChecks::on_deadline(base::Instant now) {
  while (!windows_.empty() && windows_.next() <= now) {
    Check& check = windows_.first();
    const Tunnel* tunnel = tunnels_.find(check.id);
    tunnel != nullptr ? on_window(*tunnel, check, now) : remove(check.id);
  }
  while (!turns_.empty() && std::max(turns_.next(), paced_until_) <= now) {
    Check& check = turns_.first();
    const Tunnel* tunnel = tunnels_.find(check.id);
    tunnel != nullptr ? on_turn(*tunnel, check, now) : remove(check.id);
  }
}

void PathChecks::on_turn(const Tunnel& tunnel, Check& check, base::Instant now) {
  if (!context_.policy->rule(tunnel.rule).discover) {
    return wait_for_turn(check, next_turn(now));
  }
  const auto own = tunnels_.own_flow(tunnel);
  if (is_for_nothing(tunnel, check, own.has_value())) {
    context_.counters.add(Counter::kTunnelsReplaced);
    context_.report(ReportId::kTunnelReplaced,
                    "others to " + tunnel.facts.peer.text() + " carry all that the tunnel for " + tunnel.flow.text() +
                        " does: it is taken down",
                    tunnel.rule_name, tunnel.flow, tunnel.facts.peer, tunnel.first);
    tunnels_.end(tunnel.facts.id);
    return wait_for_turn(check, next_turn(now));
  }
  send(tunnel, check, own.value_or(tunnel.flow), now);
  paced_until_ = now + kCheckPace;
}

// Both ends see it, and may not choose different ones of two: the end with the lower address is the first. When it does
// not, it has only one of them, and whichever the other end takes down, a check shows soon what is left of the rest.
bool PathChecks::is_for_nothing(const Tunnel& tunnel, Check& check, bool has_own) const {
  if (tunnel.is_ending || has_own) {
    check.idle_turns = 0;
    return false;
  }
  const bool is_first = tunnel.facts.gateway < tunnel.facts.peer;
  return ++check.idle_turns >= (is_first ? kIdleTurns : 2 * kIdleTurns);
}

// No answer leaves everything as it was, also what an earlier one said.
void PathChecks::on_window(const Tunnel& tunnel, Check& check, base::Instant now) {
  if (check.heard == Heard::kStands) check.strikes = 0;
  if (is_doubtful(tunnel, check, now)) {
    if (++check.strikes < kCheckStrikes) {
      return send(tunnel, check, tunnels_.own_flow(tunnel).value_or(tunnel.flow), now);
    }
    give_up(tunnel, check);
    check.strikes = 0;
  }
  wait_for_turn(check, next_turn(now));
}

bool PathChecks::is_doubtful(const Tunnel& tunnel, const Check& check, base::Instant now) {
  return (check.heard == Heard::kLost || check.heard == Heard::kElsewhere) && now - tunnel.renewed >= kSettled;
}

void PathChecks::send(const Tunnel& tunnel, Check& check, const base::Flow& flow, base::Instant now) {
  queue_of(check).erase(check);
  by_cookie_.erase(check.cookie);
  check.cookie = cookie_of(context_.ports.random.secret() | 1);
  check.sent = now;
  check.due = now + kCheckWindow;
  check.heard = Heard::kNothing;
  check.flow = flow;
  by_cookie_[check.cookie] = check.id;
  windows_.set(check, check.due);
  context_.act(Transmit{
      packet_of(probe_for(check.flow, check.cookie, tunnel.facts.gateway, &tunnel), context_.ports.authenticator)});
  context_.counters.add(Counter::kProbesSent);
  context_.counters.add(Counter::kPathChecks);
}

// A peer that is alive and has lost the tunnel knows nothing of an IKE_SA that could be ended with its help. One that
// is no longer on the path may be alive and well, and other tunnels to it good.
void PathChecks::give_up(const Tunnel& tunnel, const Check& check) {
  const bool lost = check.heard == Heard::kLost;
  const std::string peer = tunnel.facts.peer.text();
  context_.counters.add(lost ? Counter::kTunnelsLost : Counter::kTunnelsMoved);
  tunnels_.end(tunnel.facts.id, lost);
  context_.report(lost ? ReportId::kTunnelLost : ReportId::kTunnelMoved,
                  lost ? peer + " says that it has no tunnel with us for " + check.flow.text() + ": ours is taken down"
                       : check.elsewhere.text() + " answers for " + check.flow.text() + " in the place of " + peer +
                             ": the tunnel to that one is taken down",
                  tunnel.rule_name, check.flow, tunnel.facts.peer, tunnel.first);
}

}  // namespace engine
