#include "engine/probe.hpp"

#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace engine {

wire::Probe probe_for(const base::Flow& flow, const wire::Cookie& cookie, const base::Address& gateway, bool stands) {
  using wire::Capabilities;
  return {.initiator_cookie = cookie,
          .gateway = gateway,
          .half_proxy = {},
          .capabilities = Capabilities{Capabilities::kSelectorList | Capabilities::kTellsTunnels |
                                       (stands ? Capabilities::kTunnelStands : 0U)},
          .summary = flow};
}

base::Bytes packet_of(const wire::Probe& probe) {
  const base::Flow& flow = *probe.summary;
  const std::uint16_t port =
      base::has_ports(flow.protocol) && flow.source_port != 0 ? flow.source_port : wire::kUdpPort;
  return wire::udp_packet(flow.source, flow.destination, port, wire::kUdpPort, wire::encode_for_list(probe));
}

}  // namespace engine
