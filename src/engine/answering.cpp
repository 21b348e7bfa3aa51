// The part of Responder about what it sends: answers as full as there is room for, and requests for an echo.
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "engine/cookie.hpp"
#include "engine/probe.hpp"
#include "engine/responder.hpp"
#include "policy/agree.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/layout.hpp"
#include "wire/offer.hpp"

namespace engine {

namespace {

wire::Capabilities capabilities(bool stands, bool coming, bool observes, Means means) {
  using wire::Capabilities;
  return {Capabilities::kSelectorList | Capabilities::kTellsTunnels | (stands ? Capabilities::kTunnelStands : 0U) |
          (coming ? Capabilities::kTunnelComing : 0U) | (observes ? Capabilities::kObserves : 0U) | bits_of(means)};
}

// For people.
std::string told(const wire::Response& response) {
  if (!response.proxy) return "the half proxy " + response.half_proxy->text() + " in the draft form";
  return response.list ? response.list->offer.proxy.text() : response.proxy->text();
}

}  // namespace

void Responder::ask_for_echo(const wire::Probe& probe, const wire::UdpDatagram& datagram, base::Instant now) {
  const auto own = context_.gateway_of(probe.gateway.family());
  if (!own) return carry_out(Ruling::kNoGatewayAddress, probe, datagram, {}, {}, now);
  const base::Bytes request = wire::encode(wire::Response{.initiator_cookie = probe.initiator_cookie,
                                                          .responder_cookie = cookie_for(probe, *own, now),
                                                          .gateway = *own,
                                                          .half_proxy = {},
                                                          .capabilities = {{wire::Capabilities::kEchoes}},
                                                          .proxy = {}});
  if (request.size() > datagram.payload.size()) return carry_out(Ruling::kTooShort, probe, datagram, {}, {}, now);
  context_.counters.add(row_of(Ruling::kUnheard).counter);
  context_.act(Transmit{wire::udp_packet(*own, probe.gateway, wire::kUdpPort, wire::kUdpPort, request)});
}

Ruling Responder::answer(const wire::Probe& probe, const Judged& judged, const base::Flow& inbound, std::size_t limit,
                         base::Instant now) {
  const auto own = context_.gateway_of(probe.gateway.family());
  if (!own) return Ruling::kNoGatewayAddress;
  const policy::Match& match = *judged.match;
  const bool stands = hear_of_tunnel(probe, inbound, now);
  const bool is_check = probe.has(wire::Capabilities::kTunnelStands);
  wire::Response response{.initiator_cookie = probe.initiator_cookie,
                          .responder_cookie = cookie_for(probe, *own, now),
                          .gateway = *own,
                          .half_proxy = judged.half,
                          .capabilities = {},
                          .proxy = {}};
  const Means means = means_for(probe, judged.standing);
  if (!judged.half)
    fill(response, judged, inbound, capabilities(stands, judged.coming, context_.settings.observes, means));
  const bool lists = tells_all(judged) && probe.has(wire::Capabilities::kSelectorList) && !(is_check && stands);
  const std::size_t proof = means.any() ? context_.ports.authenticator->length(means) : 0;
  const std::size_t room = limit - std::min(limit, proof);
  base::Bytes datagram =
      lists ? encoded(response, match, inbound, room, means.signature) : wire::encode_within(response, room);
  if (datagram.empty()) return Ruling::kTooShort;
  if (means.any()) datagram = context_.ports.authenticator->seal(std::move(datagram), means);
  context_.counters.add(Counter::kProbesAnswered);
  if (judged.standing.is_proven()) {
    context_.counters.add(Counter::kProbesProven);
    peers_.seen(probe.gateway, now).proof = judged.standing.text();
  }
  if (judged.half) context_.counters.add(Counter::kProbesDraftAnswered);
  context_.act(
      Transmit{wire::udp_packet(*own, probe.gateway, wire::kUdpPort, wire::kUdpPort, datagram),
               Transmit::Answer{.is_proven = judged.standing.is_proven(), .is_draft = judged.half.has_value()}});
  if (is_check && stands) return Ruling::kAnswered;  // all is well, and will be said again in a moment
  const bool will_ask = !is_check && !probe.has(wire::Capabilities::kObserves);
  const Form form = judged.half ? Form::kDraft : Form::kVersion3;
  if (will_ask && !asked_.note(probe.gateway, match.rule, inbound, form, now))
    context_.counters.add(Counter::kAskedNoRoom);
  if (!context_.wants(ReportId::kProbeAnswered)) return Ruling::kAnswered;
  const std::string proof_text =
      judged.standing.is_proven() ? "; it was authenticated by " + judged.standing.text() : "";
  context_.report(ReportId::kProbeAnswered, "a probe was answered with " + told(response) + proof_text,
                  context_.policy->rule(match.rule).name, inbound.mirrored(), probe.gateway);
  return Ruling::kAnswered;
}

bool Responder::tells_all(const Judged& judged) const {
  const policy::Rule& rule = context_.policy->rule(judged.match->rule);
  return !judged.half && (judged.standing.is_proven() || rule.disclose == policy::Disclose::kAll);
}

Means Responder::means_for(const wire::Probe& probe, const Standing& standing) const {
  if (context_.ports.authenticator == nullptr || !probe.summary) return {};
  const Means own = context_.ports.authenticator->means();
  return {.keyed_hash = own.keyed_hash && probe.has(wire::Capabilities::kKeyedHash),
          .signature = own.signature && probe.has(wire::Capabilities::kSignature) && standing.is_proven()};
}

// The largest single box, which every peer of version 3 reads; for whom the rule does not tell it all, what of it is
// between the two hosts, which the asker knows.
void Responder::fill(wire::Response& response, const Judged& judged, const base::Flow& inbound,
                     wire::Capabilities told) const {
  auto box = policy::offer_box(*context_.policy, *judged.match, inbound, context_.settings.data_plane);
  if (!tells_all(judged)) {
    box.local = base::Prefix(inbound.source);
    box.remote = base::Prefix(inbound.destination);
  }
  response.half_proxy = box.local;
  response.capabilities = told;
  response.proxy = policy::for_response(box, inbound);
}

// As much of the policy as fits; where not even the least does, the single proxy, which every response has.
base::Bytes Responder::encoded(wire::Response& response, const policy::Match& match, const base::Flow& inbound,
                               std::size_t limit, bool is_signed) const {
  response.list.emplace().takes_ranges = context_.settings.data_plane == policy::DataPlane::kUserspace;
  base::OfferRoom room = wire::response_room(inbound.source.family(), is_signed);
  const std::size_t others = wire::unpadded_length(response);
  room.octets = std::min(room.octets, limit - std::min(limit, others));
  response.list->offer = policy::offer(*context_.policy, match, inbound, room);
  if (room.taken_by(response.list->offer) > room.octets) response.list.reset();
  return wire::encode_within(response, limit);
}

// A keyed hash instead of a random number: no state, and the same answer to the same probe within a window.
wire::Cookie Responder::cookie_for(const wire::Probe& probe, const base::Address& own, base::Instant now) const {
  std::array<std::uint8_t, 48> input;
  const std::span<std::uint8_t, 48> all(input);
  const auto put = [](const base::Address& address, std::span<std::uint8_t, 16> to) {
    base::store(static_cast<std::uint64_t>(address.value() >> 64), to.first<8>());
    base::store(static_cast<std::uint64_t>(address.value()), to.last<8>());
  };
  std::ranges::copy(probe.initiator_cookie, input.begin());
  put(own, all.subspan<8, 16>());
  put(probe.gateway, all.subspan<24, 16>());
  base::store(static_cast<std::uint64_t>(now.time_since_epoch() / kCookieWindow), all.last<8>());
  const std::uint64_t hash = context_.ports.keyed_hash.hash(input);
  return cookie_of(hash == 0 ? 1 : hash);
}

}  // namespace engine
