#include "sim/attackers.hpp"

#include <chrono>
#include <utility>
#include <variant>

#include "engine/cookie.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace sim {

namespace {

using namespace std::chrono_literals;

/// Addresses of gateways that are none of ours.
constexpr GatewayIndex kStrangers = 0x380000;
constexpr base::Duration kReplayedWithin = 20s;

}  // namespace

Attackers::Attackers(Ground& ground, Links& links) : ground_(ground), links_(links) {
  static constexpr std::uint64_t kNobodysKey = 0x6e6f6e65;
  if (ground.options.flood > 0) ground_.after({}, Happens::kFlood);
  if (ground.options.proofs == Proofs::kNone) return;
  own_.emplace(keys_of(ground.options.proofs, kNobodysKey), [&ground] { return time_of_day(ground.now); });
}

base::Bytes Attackers::sealed(base::Bytes datagram) {
  if (!own_ || ground_.random.jitter(2) == 0) return datagram;
  return own_->seal(std::move(datagram), own_->means());
}

// A stranger, or, one time in four, a real gateway that has nothing to do with it.
base::Address Attackers::somebody() {
  SeededRandom& random = ground_.random;
  if (random.jitter(4) == 0)
    return ground_.topology.address(static_cast<GatewayIndex>(random.jitter(ground_.topology.gateways())));
  return ground_.topology.address(kStrangers + static_cast<GatewayIndex>(random.jitter(1000)));
}

void Attackers::send(GatewayIndex to, base::Bytes packet, base::Duration after, Tale tale) {
  ground_.metrics.add(Figure::kAttacks);
  ground_.tell(tale, kNobody, to);
  links_.deliver(to, std::move(packet), after);
}

void Attackers::overhear(GatewayIndex from, const base::Bytes& packet) {
  const Options& options = ground_.options;
  if (is_probe(packet)) {
    if (ground_.chance(options.forge)) forge(packet);
    if (own_ && ground_.chance(options.replay)) replay(from, packet);
  } else if (ground_.chance(options.replay)) {
    replay(from, packet);
  }
  if (ground_.chance(options.mangle)) damage(from, packet);
}

// An answer to a probe that was overheard: in time, with the right cookie, for as much traffic as one can say.
void Attackers::forge(const base::Bytes& packet) {
  const auto datagram = wire::udp_of(packet);
  const auto message = datagram ? wire::decode(datagram->payload)
                                : base::Result<wire::Message, wire::DecodeError>(std::unexpected(wire::DecodeError{}));
  if (!message) return;
  const auto* probe = std::get_if<wire::Probe>(&*message);
  const GatewayIndex to = probe != nullptr ? ground_.topology.gateway_at(probe->gateway) : kNobody;
  if (to == kNobody || !probe->summary) return;
  const base::Address liar = somebody();
  const base::MaskedAddress all(ground_.topology.everything());
  wire::Response response{.initiator_cookie = probe->initiator_cookie,
                          .responder_cookie = engine::cookie_of(ground_.random.secret() | 1),
                          .gateway = liar,
                          .half_proxy = {},
                          .capabilities = wire::Capabilities{wire::Capabilities::kSelectorList},
                          .proxy = base::Selector{std::nullopt, all, all, {}, {}}};
  if (ground_.random.jitter(8) == 0) response.initiator_cookie[0] ^= 1;  // and sometimes only guessed
  send(to, wire::udp_packet(liar, probe->gateway, wire::kUdpPort, wire::kUdpPort, sealed(wire::encode(response))),
       ground_.up_to(ground_.options.delay * 4), Tale::kForged);
}

// The gateway that a datagram reaches next, which left that one.
GatewayIndex Attackers::receiver(GatewayIndex from, const base::Bytes& packet) const {
  const auto datagram = wire::udp_of(packet);
  if (!datagram) return kNobody;
  const GatewayIndex to = ground_.topology.gateway_at(datagram->destination);
  if (to != kNobody) return to;
  const Site source = ground_.topology.site_of(datagram->source);
  const Site destination = ground_.topology.site_of(datagram->destination);
  if (source == kNobody || destination == kNobody) return kNobody;
  return ground_.topology.next(from, source, destination);
}

void Attackers::replay(GatewayIndex from, const base::Bytes& packet) {
  const GatewayIndex to = receiver(from, packet);
  if (to != kNobody) send(to, packet, ground_.up_to(kReplayedWithin), Tale::kReplayed);
}

void Attackers::damage(GatewayIndex from, base::Bytes packet) {
  const GatewayIndex to = receiver(from, packet);
  if (to == kNobody) return;
  for (auto left = 1 + ground_.random.jitter(4); left > 0; --left) {
    packet[ground_.random.jitter(packet.size())] ^= static_cast<std::uint8_t>(1U << ground_.random.jitter(8));
  }
  send(to, std::move(packet), ground_.up_to(ground_.options.delay * 2), Tale::kMangled);
}

void Attackers::on_flood() {
  if (ground_.calm) return;
  SeededRandom& random = ground_.random;
  const Topology& topology = ground_.topology;
  const auto pick = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random.jitter(bound)); };
  const Site destination = pick(topology.sites());
  const base::Flow flow{.source = topology.host(pick(topology.sites()), pick(topology.hosts_per_site())),
                        .destination = topology.host(destination, pick(topology.hosts_per_site())),
                        .protocol = base::Protocol::kTcp,
                        .source_port = static_cast<std::uint16_t>(1 + pick(65535)),
                        .destination_port = 443};
  const wire::Probe probe{.initiator_cookie = engine::cookie_of(random.secret() | 1),
                          .gateway = somebody(),
                          .half_proxy = {},
                          .capabilities = wire::Capabilities{wire::Capabilities::kSelectorList},
                          .summary = flow};
  const GatewayIndex first =
      topology.outer(destination) != kNobody ? topology.outer(destination) : topology.inner(destination);
  send(first,
       wire::udp_packet(flow.source, flow.destination, flow.source_port, wire::kUdpPort,
                        sealed(wire::encode_for_list(probe))),
       {}, Tale::kForged);
  ground_.after(base::Duration(static_cast<base::Duration::rep>(1e9 / ground_.options.flood)), Happens::kFlood);
}

}  // namespace sim
