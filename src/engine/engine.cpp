#include "engine/engine.hpp"

#include <algorithm>
#include <utility>

#include "base/fetch.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"
#include "wire/unreachable.hpp"

namespace engine {

Engine::Engine(Settings settings, std::shared_ptr<const policy::Snapshot> policy, Ports ports)
    : context_{.settings = std::move(settings),
               .machine = {},
               .policy = std::move(policy),
               .ports = ports,
               .counters = {},
               .actions = {},
               .reports = {}} {}

void Engine::handle(Event event, base::Instant now) {
  std::visit([&](auto& what) { on(what, now); }, event);
}

void Engine::fetch() const {
  context_.fetch();
  base::fetch(tunnels_);
  base::fetch(check_queues_);
  base::fetch(peers_);
  base::fetch(checks_);
  initiator_.fetch();
  responder_.fetch();
  base::fetch(routes_changed_);
}

void Engine::fetch_for_answer(const wire::Cookie& cookie) const {
  if (const PathCheck* const check = check_queues_.find(cookie)) base::fetch(check, kReadOfTunnel);
}

void Engine::note_unsent(const Transmit& packet) {
  if (!packet.answer) return;
  context_.counters.add(Counter::kAnswersUnsent);
  context_.counters.take_back(Counter::kProbesAnswered);
  if (packet.answer->is_proven) context_.counters.take_back(Counter::kProbesProven);
  if (packet.answer->is_draft) context_.counters.take_back(Counter::kProbesDraftAnswered);
}

Action* Engine::next_action_in_place() {
  initiator_.announce_openings();
  return context_.next();
}

std::optional<Action> Engine::next_action() {
  std::optional<Action> next;
  if (Action* const action = next_action_in_place()) next.emplace(std::move(*action));
  return next;
}

// What is not a whole message of ours looked like one to the kernel's filter only: it travels on.
void Engine::hear(base::ByteView packet, base::Instant now) {
  const auto datagram = wire::udp_of(packet);
  if (!datagram) {
    if (const auto error = wire::unreachable_of(packet)) return initiator_.on_unreachable(*error, now);
  }
  const auto message = datagram ? wire::decode(datagram->payload)
                                : base::Result<wire::Message, wire::DecodeError>(
                                      std::unexpected(wire::DecodeError{wire::Error::kTruncatedHeader, 0}));
  if (!message) {
    const bool ours = datagram && context_.is_own(datagram->destination);
    if (!ours) {
      context_.counters.add(Counter::kProbesReceived);
      return responder_.pass_on(packet, Counter::kProbesMalformed);
    }
    context_.counters.add(Counter::kResponsesReceived);
    context_.counters.add(Counter::kResponsesRejected);
    return context_.counters.add(Counter::kResponsesMalformed);
  }
  if (const auto* probe = std::get_if<wire::Probe>(&*message)) {
    context_.counters.add(Counter::kProbesReceived);
    return responder_.on_probe(*probe, *datagram, packet, now);
  }
  context_.counters.add(Counter::kResponsesReceived);
  const auto& response = std::get<wire::Response>(*message);
  peers_.fetch(response.gateway);
  if (response.asks_for_echo()) return initiator_.on_echo_wanted(response, *datagram, now);
  if (checks_.on_response(response, *datagram, now)) return;
  initiator_.on_response(response, *datagram, now);
}

void Engine::on(TunnelUp& event, base::Instant now) {
  tunnels_.fetch_with(event.peer);
  peers_.fetch(event.peer);
  const auto taken = tunnels_.on_up(event, now);
  if (taken) checks_.add(event.id, now);
  if (!event.cookie && excess_of(event.authorisation, event.selectors)) {
    responder_.hold_down(event.peer, now);
    initiator_.on_excess(event, now);
  }
  initiator_.on_tunnel_up(event, taken, now);
}

void Engine::on(TunnelAuthorised& event, base::Instant /*now*/) {
  tunnels_.on_authorised(event.id, std::move(event.authorisation));
}

void Engine::on(TunnelDown& event, base::Instant /*now*/) {
  tunnels_.on_down(event.id);
}

// One that was not known is new to all, whatever it was before.
void Engine::on(TunnelRekeyed& event, base::Instant now) {
  if (tunnels_.find(event.before) == nullptr) return on(event.now, now);
  const TunnelId after = event.now.id;
  tunnels_.on_rekeyed(event.before, std::move(event.now), now);
  checks_.add(after, now);
}

// The first change counts at once; a machine whose routes never rest is heard now and then.
void Engine::on(RoutesChanged& /*event*/, base::Instant now) {
  routes_changed_ = true;
  if (now >= routes_rest_until_) act_on_routes(now);
}

void Engine::act_on_routes(base::Instant now) {
  routes_changed_ = false;
  routes_rest_until_ = now + kRoutesPause;
  initiator_.on_routes(now);
  checks_.on_routes(now);
}

std::optional<base::Instant> Engine::next_deadline() const {
  std::optional<base::Instant> next = initiator_.next_deadline();
  if (const auto check = checks_.next_deadline(); check && (!next || *check < *next)) next = check;
  if (routes_changed_ && (!next || routes_rest_until_ < *next)) next = routes_rest_until_;
  return next;
}

void Engine::on_deadline(base::Instant now) {
  initiator_.on_deadline(now);
  checks_.on_deadline(now);
  if (routes_changed_ && now >= routes_rest_until_) act_on_routes(now);
}

void Engine::on(DataPlaneFound& event, base::Instant /*now*/) {
  context_.settings.data_plane = event.plane;
}

void Engine::on(MachineAddresses& event, base::Instant /*now*/) {
  context_.machine = std::move(event.addresses);
  std::ranges::sort(context_.machine);
}

void Engine::on(PolicyReplaced& event, base::Instant /*now*/) {
  context_.policy = std::move(event.policy);
  initiator_.on_policy();
  asked_.clear();
  tunnels_.on_policy();
  responder_.on_policy();
  context_.report(ReportId::kPolicyReplaced,
                  "a policy of " + std::to_string(context_.policy->rules().size()) + " rules is in force");
}

void Engine::on(PeerForgotten& event, base::Instant /*now*/) {
  tunnels_.take_down(event.peer);
  initiator_.forget(event.peer);
  peers_.forget(event.peer);
}

}  // namespace engine
