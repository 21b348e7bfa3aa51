#include "engine/probe.hpp"

#include <algorithm>

#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/layout.hpp"
#include "wire/packet.hpp"

namespace engine {

using wire::Capabilities;

wire::Probe probe_for(const base::Flow& flow, const wire::Cookie& cookie, const base::Address& gateway,
                      const Tunnel* tunnel) {
  Capabilities told{Capabilities::kSelectorList | Capabilities::kTellsTunnels};
  if (tunnel != nullptr) {
    told.bits |= Capabilities::kTunnelStands |
                 (tunnel->asker() == Asker::kWe ? Capabilities::kTunnelMine : Capabilities::kTunnelYours);
  }
  return {.initiator_cookie = cookie, .gateway = gateway, .half_proxy = {}, .capabilities = told, .summary = flow};
}

std::optional<Asker> asker_in(const wire::Probe& probe) {
  const Capabilities told = probe.capabilities.value_or(Capabilities{});
  if (!told.has(Capabilities::kTunnelStands)) return std::nullopt;
  if (told.has(Capabilities::kTunnelMine)) return Asker::kPeer;
  return told.has(Capabilities::kTunnelYours) ? std::optional(Asker::kWe) : std::nullopt;
}

std::uint32_t bits_of(Means means) {
  return (means.keyed_hash ? Capabilities::kKeyedHash : 0U) | (means.signature ? Capabilities::kSignature : 0U);
}

namespace {

// The proof takes of the padding: only a signature makes a probe longer than others.
base::Bytes sealed(wire::Probe& probe, Authenticator& authenticator, Means means) {
  probe.capabilities->bits |= bits_of(means);
  const base::Family family = probe.summary->source.family();
  const std::size_t whole = means.signature ? wire::signed_probe_length(family) : wire::list_probe_length(family);
  const std::size_t proof = authenticator.length(means);
  return authenticator.seal(wire::encode_exactly(probe, whole - std::min(whole, proof)), means);
}

}  // namespace

base::Bytes packet_of(wire::Probe probe, Authenticator* authenticator) {
  const base::Flow flow = *probe.summary;
  const Means means = authenticator == nullptr ? Means{} : authenticator->means();
  const std::uint16_t port =
      base::has_ports(flow.protocol) && flow.source_port != 0 ? flow.source_port : wire::kUdpPort;
  return wire::udp_packet(flow.source, flow.destination, port, wire::kUdpPort,
                          means.any() ? sealed(probe, *authenticator, means) : wire::encode_for_list(probe));
}

}  // namespace engine
