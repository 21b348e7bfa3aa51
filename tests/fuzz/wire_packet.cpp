// The readers of IP packets take anything; a UDP datagram that they found is found again in a packet built from it.
#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "wire/packet.hpp"
#include "wire/unreachable.hpp"

namespace {

void check_udp(const wire::UdpDatagram& found, const std::optional<base::Flow>& flow) {
  require(flow && flow->source == found.source && flow->destination == found.destination);
  require(flow->source_port == found.source_port && flow->destination_port == found.destination_port);
  const auto packet =
      wire::udp_packet(found.source, found.destination, found.source_port, found.destination_port, found.payload);
  if (packet.empty()) return;  // the original had a longer length field than any packet of ours
  const auto again = wire::udp_of(packet);
  require(again && again->source == found.source && again->destination == found.destination);
  require(std::ranges::equal(again->payload, found.payload));
}

// Each code is some obstacle: that of a port, that of a filter, and what nobody has named is no way.
void check_obstacle(const wire::Unreachable& error) {
  using Obstacle = wire::Unreachable::Obstacle;
  const bool v4 = error.destination.family() == base::Family::kV4;
  const Obstacle obstacle = error.obstacle();
  require((error.code == (v4 ? 3 : 4)) <= (obstacle == Obstacle::kNoPort));
  require(error.code != 13 || obstacle == Obstacle::kRefused);
  require(error.code <= 13 || obstacle == Obstacle::kNoWay);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Bytes packet(data, data + size);
  const auto flow = wire::flow_of(packet);
  if (const auto found = wire::udp_of(packet)) check_udp(*found, flow);
  if (const auto error = wire::unreachable_of(packet)) {
    require(error->source.family() == error->destination.family());
    require(error->initiator_cookie != wire::Cookie{});
    check_obstacle(*error);
  }
  const base::Bytes before = packet;
  if (wire::decrement_hop_limit(packet)) {
    require(wire::flow_of(packet) == flow);
  } else {
    require(packet == before);
  }
  return 0;
}
