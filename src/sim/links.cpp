#include "sim/links.hpp"

#include <algorithm>
#include <utility>

#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace sim {

namespace {

/// Inside a site everything is near.
constexpr int kNear = 10;
/// Who is overtaken waits up to so many times the delay longer.
constexpr int kOvertaken = 4;

double fraction(std::uint64_t value) {
  value *= 0x9e3779b97f4a7c15U;
  return static_cast<double>(value >> 40) / static_cast<double>(1U << 24);
}

// Where the message of discovery begins.
std::size_t message_at(base::ByteView packet) {
  static constexpr std::size_t kUdpHeader = 8;
  return (packet[0] >> 4 == 4 ? 20U : 40U) + kUdpHeader;
}

}  // namespace

std::optional<wire::Cookie> cookie_in(base::ByteView packet) {
  wire::Cookie cookie;
  if (packet.empty() || is_probe(packet) || packet.size() < message_at(packet) + cookie.size()) return std::nullopt;
  std::ranges::copy(packet.subspan(message_at(packet), cookie.size()), cookie.begin());
  return cookie;
}

bool is_probe(base::ByteView packet) {
  static constexpr std::size_t kExchangeType = 18;
  if (packet.empty()) return false;
  const std::size_t place = message_at(packet) + kExchangeType;
  return packet.size() > place && packet[place] == static_cast<std::uint8_t>(wire::Exchange::kProbe);
}

base::Duration Links::delay(GatewayIndex from, GatewayIndex to) const {
  const base::Duration delay = ground_.options.delay;
  if (to < nodes_.size() && ground_.topology.home(from) == ground_.topology.home(to)) return delay / kNear;
  const double longer = ground_.options.asymmetry * fraction((std::uint64_t{from} << 32) | to);
  return delay + base::Duration(static_cast<base::Duration::rep>(static_cast<double>(delay.count()) * longer));
}

void Links::send(GatewayIndex from, base::Bytes packet) {
  const auto datagram = wire::udp_of(packet);
  if (!datagram) return;
  ground_.metrics.add(is_probe(packet) ? Figure::kProbes : Figure::kResponses);
  GatewayIndex to = ground_.topology.gateway_at(datagram->destination);
  if (to == kNobody) {
    const Site source = ground_.topology.site_of(datagram->source);
    const Site destination = ground_.topology.site_of(datagram->destination);
    if (source != kNobody && destination != kNobody) to = ground_.topology.next(from, source, destination);
  }
  if (to != kNobody && to != from) cross(from, to, std::move(packet));
}

void Links::cross(GatewayIndex from, GatewayIndex to, base::Bytes packet) {
  const Options& options = ground_.options;
  const Tale tale = is_probe(packet) ? Tale::kProbe : Tale::kResponse;
  base::Duration time = delay(from, to) + ground_.up_to(options.jitter);
  bool lost = !ground_.connected(from, to);
  ground_.tell(tale, from, to);
  if (!ground_.calm) {
    if (wiretap_ != nullptr) wiretap_->overhear(from, packet);
    lost = ground_.chance(options.loss) || lost;
    if (ground_.chance(options.reorder)) time += ground_.up_to(options.delay * kOvertaken);
    if (ground_.chance(options.duplicate) && !lost) {
      ground_.metrics.add(Figure::kDuplicated);
      ground_.tell(Tale::kDuplicated, from, to);
      deliver(to, packet, time + ground_.up_to(options.delay));
    }
  }
  if (!ladder_.done()) {
    ladder_.on_datagram(packet, {ground_.now, ground_.now + time, gateway_name(from), gateway_name(to), {}, !lost});
  }
  if (lost) {
    ground_.metrics.add(Figure::kLost);
    ground_.tell(Tale::kLost, from, to);
    return;
  }
  deliver(to, std::move(packet), time);
}

void Links::deliver(GatewayIndex to, base::Bytes packet, base::Duration after) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(flying_.size()));
    flying_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  flying_[place] = std::move(packet);
  ground_.after(after, Happens::kArrival, to, place);
}

// Where tedd does not run nothing is taken off the wire: a probe travels on, what is for the gateway itself is ignored.
void Links::on_arrival(GatewayIndex gateway, std::uint32_t place) {
  base::Bytes packet = std::move(flying_[place]);
  free_.push_back(place);
  const Node& node = nodes_.at(gateway);
  if (!node.forwards) return;
  if (node.engine) {
    nodes_.tell(gateway, engine::DatagramCaught{std::move(packet)});
  } else {
    const auto datagram = wire::udp_of(packet);
    if (datagram && ground_.topology.gateway_at(datagram->destination) != gateway) send(gateway, std::move(packet));
  }
}

}  // namespace sim
