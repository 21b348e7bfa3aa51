#include "engine/responder.hpp"

#include <string>
#include <utility>

#include "engine/cookie.hpp"
#include "engine/probe.hpp"
#include "policy/agree.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"

namespace engine {

namespace {

wire::Capabilities capabilities(bool stands, bool coming) {
  using wire::Capabilities;
  return {Capabilities::kSelectorList | Capabilities::kTellsTunnels | (stands ? Capabilities::kTunnelStands : 0U) |
          (coming ? Capabilities::kTunnelComing : 0U)};
}

bool has(const wire::Probe& probe, std::uint32_t capability) {
  return probe.capabilities && probe.capabilities->has(capability);
}

}  // namespace

void Responder::pass_on(base::Bytes packet, Counter reason) {
  context_.counters.add(reason);
  if (!wire::decrement_hop_limit(packet)) {
    context_.counters.add(Counter::kProbesExpired);
    return;
  }
  if (reason != Counter::kProbesPassedOn) context_.counters.add(Counter::kProbesPassedOn);
  context_.act(Transmit{std::move(packet)});
}

void Responder::on_probe(const wire::Probe& probe, const wire::UdpDatagram& datagram, base::Bytes packet,
                         base::Instant now) {
  const Judged judged = judge(probe, datagram, now);
  if (judged.ruling != Ruling::kAnswered) return carry_out(judged.ruling, probe, std::move(packet));
  if (judged.coming) context_.counters.add(Counter::kProbesUnderWay);
  const Ruling ruling = answer(probe, *judged.match, judged.coming, datagram.payload.size(), now);
  if (ruling != Ruling::kAnswered) carry_out(ruling, probe, {});
}

// All but the last two before the end, which are known when there is an answer.
Responder::Judged Responder::judge(const wire::Probe& probe, const wire::UdpDatagram& datagram, base::Instant now) {
  if (!probe.summary) return {Ruling::kDraft};
  if (probe.summary->source != datagram.source || probe.summary->destination != datagram.destination) {
    return {Ruling::kMismatched};
  }
  if (context_.is_own(probe.gateway)) return {Ruling::kOwn};
  const base::Flow inbound = probe.summary->mirrored();
  const auto match = context_.policy->first_match(inbound);
  const policy::Rule* rule = match ? &context_.policy->rule(match->rule) : nullptr;
  if (rule == nullptr || rule->action != policy::Action::kProtect || !rule->respond) return {Ruling::kNotOurs};
  if (!context_.is_usable_peer(probe.gateway)) return {Ruling::kBadGateway};
  if (!admission_.admit(probe.gateway, now)) return {Ruling::kTooMany};
  // For an asker that does not read that it is coming only for a moment: when that takes long it may never come, and
  // the asker must not think that nobody is here.
  const Discovery* coming = under_way(probe, *match, inbound);
  const bool reads = has(probe, wire::Capabilities::kTellsTunnels);
  if (coming != nullptr && !reads && now - coming->last_sent < kUnderWay) return {Ruling::kComing};
  return {Ruling::kAnswered, match, coming != nullptr};
}

void Responder::carry_out(Ruling ruling, const wire::Probe& probe, base::Bytes packet) {
  const RulingRow& row = row_of(ruling);
  if (!row.story.empty()) {
    const ReportId id = row.end == ProbeEnd::kTravelsOn ? ReportId::kProbePassedOn : ReportId::kProbeDropped;
    context_.report(id, std::string(row.story), {}, probe.summary, probe.gateway);
  }
  if (row.end == ProbeEnd::kTravelsOn) return pass_on(std::move(packet), row.counter);
  context_.counters.add(row.counter);
}

// The tunnel that it asks for is being brought up, by us and with it.
const Discovery* Responder::under_way(const wire::Probe& probe, const policy::Match& match,
                                      const base::Flow& inbound) const {
  return discoveries_.negotiating(match.rule, &probe.gateway, inbound);
}

bool Responder::hear_of_tunnel(const wire::Probe& probe, const base::Flow& inbound, base::Instant now) {
  const Tunnel* tunnel = tunnels_.with(probe.gateway, inbound, asker_in(probe));
  if (tunnel == nullptr) return false;
  if (has(probe, wire::Capabilities::kTellsTunnels)) {
    checks_.on_probe(*tunnel, inbound, has(probe, wire::Capabilities::kTunnelStands), now);
  }
  return true;
}

Ruling Responder::answer(const wire::Probe& probe, const policy::Match& match, bool coming, std::size_t limit,
                         base::Instant now) {
  const auto own = context_.gateway_of(probe.gateway.family());
  if (!own) return Ruling::kNoGatewayAddress;
  const base::Flow inbound = probe.summary->mirrored();
  const bool stands = hear_of_tunnel(probe, inbound, now);
  const auto box = policy::offer_box(*context_.policy, match, inbound, context_.settings.data_plane);
  wire::Response response{.initiator_cookie = probe.initiator_cookie,
                          .responder_cookie = cookie_for(probe, *own, now),
                          .gateway = *own,
                          .half_proxy = box.local,
                          .capabilities = capabilities(stands, coming),
                          .proxy = policy::for_response(box, inbound)};
  const bool is_check = has(probe, wire::Capabilities::kTunnelStands);
  const bool lists = has(probe, wire::Capabilities::kSelectorList) && !(is_check && stands);
  const base::Bytes datagram = lists ? encoded(response, match, inbound, limit) : wire::encode_within(response, limit);
  if (datagram.empty()) return Ruling::kTooShort;
  context_.counters.add(Counter::kProbesAnswered);
  context_.act(Transmit{wire::udp_packet(*own, probe.gateway, wire::kUdpPort, wire::kUdpPort, datagram)});
  if (is_check && stands) return Ruling::kAnswered;  // all is well, and will be said again in a moment
  if (!is_check) asked_.note(probe.gateway, match.rule, inbound, now);
  const std::string told = response.list ? response.list->offer.proxy.text() : response.proxy->text();
  context_.report(ReportId::kProbeAnswered, "a probe was answered with " + told, context_.policy->rule(match.rule).name,
                  probe.summary, probe.gateway);
  return Ruling::kAnswered;
}

// The whole rule with its exemptions; where these are too many for the datagram a product that avoids them; where that
// is too long the single proxy, which every response has.
base::Bytes Responder::encoded(wire::Response& response, const policy::Match& match, const base::Flow& inbound,
                               std::size_t limit) const {
  const policy::DataPlane plane = context_.settings.data_plane;
  for (const std::size_t exempt : {policy::kMaxExempt, std::size_t{0}}) {
    response.list = wire::ListOffer{policy::offer(*context_.policy, match, inbound, plane, exempt),
                                    plane == policy::DataPlane::kUserspace};
    if (wire::unpadded_length(response) <= limit) return wire::encode(response);
    if (response.list->offer.exempt.empty()) break;  // telling less makes it no shorter
  }
  response.list.reset();
  return wire::encode_within(response, limit);
}

// A keyed hash instead of a random number: no state, and the same answer to the same probe within a window.
wire::Cookie Responder::cookie_for(const wire::Probe& probe, const base::Address& own, base::Instant now) const {
  base::Writer input(64);
  input.append(probe.initiator_cookie);
  input.number(own.value(), 16);
  input.number(probe.gateway.value(), 16);
  input.u64(static_cast<std::uint64_t>(now.time_since_epoch() / kCookieWindow));
  const std::uint64_t hash = context_.ports.keyed_hash.hash(std::move(input).take());
  return cookie_of(hash == 0 ? 1 : hash);
}

}  // namespace engine
