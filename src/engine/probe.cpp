#include "engine/probe.hpp"

#include "wire/codec.hpp"
#include "wire/constants.hpp"
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

base::Bytes packet_of(const wire::Probe& probe) {
  const base::Flow& flow = *probe.summary;
  const std::uint16_t port =
      base::has_ports(flow.protocol) && flow.source_port != 0 ? flow.source_port : wire::kUdpPort;
  return wire::udp_packet(flow.source, flow.destination, port, wire::kUdpPort, wire::encode_for_list(probe));
}

}  // namespace engine
