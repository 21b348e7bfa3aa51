#include "engine/path_checks.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "engine/answer.hpp"
#include "engine/cookie.hpp"
#include "engine/limits.hpp"
#include "engine/probe.hpp"

namespace engine {

base::Instant PathChecks::next_turn(base::Instant now) const {
  const auto part = static_cast<std::uint64_t>(kCheckEvery.count()) / kJitterDivisor;
  return now + kCheckEvery - base::Duration(static_cast<base::Duration::rep>(context_.ports.random.jitter(part)));
}

// A tunnel that goes on under another id begins anew, but for what is known of its path.
void PathChecks::add(TunnelId id, base::Instant now) {
  Tunnel* const tunnel = tunnels_.find(id);
  if (tunnel == nullptr || tunnel->check.place != kNoPlace) return;
  const bool was_on_path = tunnel->check.was_on_path;
  tunnel->check = {};
  tunnel->check.id = id;
  tunnel->check.tunnel = tunnel;
  tunnel->check.was_on_path = was_on_path;
  queues_.wait_for_turn(tunnel->check, now + kFirstCheck);
}

// Behind those that are due: whoever makes probes up cannot keep the others from their turns.
void PathChecks::on_probe(Tunnel& tunnel, const base::Flow& flow, bool stands, base::Instant now) {
  PathCheck& check = tunnel.check;
  if (stands) {
    // Anybody may have named it: who answers on its path is not known, and one on whose path the other end never
    // answered gives way to the next.
    if (!tunnel.is_sample && (tunnel.facts.cookie || check.was_on_path)) return;
    check.was_on_path = false;
    return Tunnels::made_for(tunnel, flow);
  }
  if (check.is_out() || now - tunnel.renewed < kSettled || now - check.sent < kCheckAgain) return;
  queues_.wait_for_turn(check, std::min(check.due, now));
}

// What a probe that is out comes back with may be from before the change: it is asked again.
void PathChecks::on_routes(base::Instant now) {
  tunnels_.for_each([&](Tunnel& tunnel) {
    PathCheck& check = tunnel.check;
    const base::Instant soon = std::max(now, check.sent + kCheckAgain);
    queues_.wait_for_turn(check, check.is_out() ? soon : std::min(check.due, soon));
  });
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
  PathCheck* const found = queues_.find(response.initiator_cookie);
  if (found == nullptr) return false;
  peers_.fetch_found(response.gateway);
  PathCheck& check = *found;
  const Tunnel* const tunnel = check.tunnel;
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
  const Heard heard = meaning(check, response, standing);
  check.was_on_path |= response.gateway == tunnel->facts.peer;
  if (heard == Heard::kElsewhere) check.elsewhere = response.gateway;
  check.heard = std::max(check.heard, heard);
  // Nothing that may still come says more.
  if (check.heard == Heard::kStands && check.was_on_path) on_window(check, check.due);
  return true;
}

// A peer that does not tell is as good as one that says yes. One that answers at another of its addresses has the
// tunnel all the same, and says so; when it means another tunnel, we have that one, too. Anybody else counts only when
// a tunnel could come of its answer, and when the other end was the one that answers: always at the end that asked for
// the tunnel, but on the other's way back gateways may stand from the beginning that protect the same.
Heard PathChecks::meaning(const PathCheck& check, const wire::Response& response, const Standing& standing) const {
  const Tunnel& tunnel = *check.tunnel;
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
  const auto& [turns, windows] = std::tie(queues_.turns(), queues_.windows());
  std::optional<base::Instant> next;
  if (!turns.empty()) next = std::max(turns.next(), paced_until_);
  if (!windows.empty() && (!next || windows.next() < *next)) next = windows.next();
  return next;
}

void PathChecks::on_deadline(base::Instant now) {
  const auto& [turns, windows] = std::tie(queues_.turns(), queues_.windows());
  while (!windows.empty() && windows.next() <= now) on_window(windows.first(), now);
  while (!turns.empty() && std::max(turns.next(), paced_until_) <= now) on_turn(turns.first(), now);
}

void PathChecks::on_turn(PathCheck& check, base::Instant now) {
  const Tunnel& tunnel = *check.tunnel;
  if (!context_.policy->rule(tunnel.rule).discover) {
    return queues_.wait_for_turn(check, next_turn(now));
  }
  const auto own = tunnels_.own_flow(tunnel);
  if (is_for_nothing(check, own.has_value())) {
    context_.counters.add(Counter::kTunnelsReplaced);
    context_.report(ReportId::kTunnelReplaced,
                    "others to " + tunnel.facts.peer.text() + " carry all that the tunnel for " + tunnel.flow.text() +
                        " does: it is taken down",
                    tunnel.rule_name, tunnel.flow, tunnel.facts.peer, tunnel.first);
    tunnels_.end(tunnel.facts.id);
    return queues_.wait_for_turn(check, next_turn(now));
  }
  send(check, own.value_or(tunnel.flow), now);
  paced_until_ = now + kCheckPace;
}

// Both ends see it, and may not choose different ones of two: the end with the lower address is the first. When it does
// not, it has only one of them, and whichever the other end takes down, a check shows soon what is left of the rest.
bool PathChecks::is_for_nothing(PathCheck& check, bool has_own) {
  const Tunnel& tunnel = *check.tunnel;
  if (tunnel.is_ending || has_own) {
    check.idle_turns = 0;
    return false;
  }
  const bool is_first = tunnel.facts.gateway < tunnel.facts.peer;
  return ++check.idle_turns >= (is_first ? kIdleTurns : 2 * kIdleTurns);
}

// No answer leaves everything as it was, also what an earlier one said.
void PathChecks::on_window(PathCheck& check, base::Instant now) {
  const Tunnel& tunnel = *check.tunnel;
  if (check.heard == Heard::kStands) check.strikes = 0;
  if (is_doubtful(check, now)) {
    if (++check.strikes < kCheckStrikes) {
      return send(check, tunnels_.own_flow(tunnel).value_or(tunnel.flow), now);
    }
    give_up(check);
    check.strikes = 0;
  }
  queues_.wait_for_turn(check, next_turn(now));
}

bool PathChecks::is_doubtful(const PathCheck& check, base::Instant now) {
  return (check.heard == Heard::kLost || check.heard == Heard::kElsewhere) && now - check.tunnel->renewed >= kSettled;
}

void PathChecks::send(PathCheck& check, const base::Flow& flow, base::Instant now) {
  const Tunnel& tunnel = *check.tunnel;
  queues_.send(check, cookie_of(context_.ports.random.secret() | 1), now + kCheckWindow);
  check.sent = now;
  check.heard = Heard::kNothing;
  check.flow = flow;
  context_.act(Transmit{
      packet_of(probe_for(check.flow, check.cookie, tunnel.facts.gateway, &tunnel), context_.ports.authenticator)});
  context_.counters.add(Counter::kProbesSent);
  context_.counters.add(Counter::kPathChecks);
}

// A peer that is alive and has lost the tunnel knows nothing of an IKE_SA that could be ended with its help. One that
// is no longer on the path may be alive and well, and other tunnels to it good.
void PathChecks::give_up(const PathCheck& check) {
  const Tunnel& tunnel = *check.tunnel;
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
