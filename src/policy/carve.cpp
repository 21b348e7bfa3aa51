#include "policy/carve.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

#include "policy/ports.hpp"

namespace policy {

namespace {

enum class Dimension : std::uint8_t { kProtocol, kLocal, kRemote, kLocalPort, kRemotePort };

// In case of a tie the first wins: a narrower address is easier to read in a list of tunnels than a port block.
constexpr std::array kCutOrder = {Dimension::kLocal, Dimension::kRemote, Dimension::kProtocol, Dimension::kRemotePort,
                                  Dimension::kLocalPort};

// Ports come before the protocol, because only a box without port parts can go back to any protocol.
constexpr std::array kGrowOrder = {Dimension::kRemotePort, Dimension::kLocalPort, Dimension::kProtocol,
                                   Dimension::kLocal, Dimension::kRemote};

// What a box is cut around.
struct Target {
  const base::Flow& flow;
  DataPlane plane;
};

std::optional<base::PortRange> cut_ports(base::PortRange range, base::PortRange hole, std::uint16_t port,
                                         const Target& target) {
  if (hole.contains(port)) return std::nullopt;
  if (port < hole.lo) {
    range.hi = std::min<std::uint16_t>(range.hi, static_cast<std::uint16_t>(hole.lo - 1));
  } else {
    range.lo = std::max<std::uint16_t>(range.lo, static_cast<std::uint16_t>(hole.hi + 1));
  }
  return fit_ports(range, port, target.flow.protocol, target.plane);
}

bool can_have_ports(base::Protocol protocol) {
  return has_ports(protocol) || is_icmp(protocol);
}

// `box` cut in that dimension so that it shares nothing with `hole`; nothing when the flow is in the hole there.
std::optional<base::Selector> cut_in(Dimension dimension, base::Selector box, const base::Selector& hole,
                                     const Target& target) {
  const base::Flow& flow = target.flow;
  if (dimension == Dimension::kLocal || dimension == Dimension::kRemote) {
    const bool local = dimension == Dimension::kLocal;
    auto& set = local ? box.local : box.remote;
    const auto cut = cut_address(set, local ? hole.local : hole.remote, local ? flow.source : flow.destination);
    if (!cut) return std::nullopt;
    set = *cut;
    return box;
  }
  if (dimension == Dimension::kProtocol) {
    // A selector cannot say "all but tcp": the flow's own protocol is the largest set without the hole's.
    if (box.protocol || !hole.protocol || *hole.protocol == flow.protocol) return std::nullopt;
    box.protocol = flow.protocol;
    return box;
  }
  if (!can_have_ports(flow.protocol)) return std::nullopt;
  const bool local = dimension == Dimension::kLocalPort;
  auto& range = local ? box.local_port : box.remote_port;
  const auto cut = cut_ports(range, local ? hole.local_port : hole.remote_port,
                             local ? flow.source_port : flow.destination_port, target);
  if (!cut) return std::nullopt;
  range = *cut;
  box.protocol = flow.protocol;
  if (is_icmp(flow.protocol) && !local) {  // a code means nothing without its type, see exact()
    box.local_port = base::PortRange::only(flow.source_port);
    box.remote_port = base::PortRange::only(flow.destination_port);
  }
  return box;
}

double port_bits(base::PortRange range) {
  return std::log2(range.hi - range.lo + 1);
}

int mask_bits(const base::MaskedAddress& set) {
  return std::popcount(static_cast<std::uint64_t>(set.mask() >> 64)) +
         std::popcount(static_cast<std::uint64_t>(set.mask()));
}

// How many times the box halves on the way from `before` to `after`: the logarithm of what is lost.
double cost(const base::Selector& before, const base::Selector& after) {
  double bits = mask_bits(after.local) - mask_bits(before.local) + mask_bits(after.remote) - mask_bits(before.remote);
  if (before.protocol != after.protocol) bits += 8;
  bits += port_bits(before.local_port) - port_bits(after.local_port);
  bits += port_bits(before.remote_port) - port_bits(after.remote_port);
  return bits;
}

base::Selector cheapest_cut(const base::Selector& box, const base::Selector& hole, const Target& target) {
  std::optional<base::Selector> best;
  double best_cost = 0;
  for (const Dimension dimension : kCutOrder) {
    const auto cut = cut_in(dimension, box, hole, target);
    if (!cut) continue;
    const double cut_cost = cost(box, *cut);
    if (best && cut_cost >= best_cost) continue;
    best = cut;
    best_cost = cut_cost;
  }
  // There is a cut as long as the flow is outside the hole; one that is inside breaks the precondition, and the flow's
  // own box is the smallest wrong answer.
  return best.value_or(base::Selector::of(target.flow));
}

base::Selector with_part_of(const base::Selector& source, Dimension dimension, base::Selector box) {
  switch (dimension) {
    case Dimension::kProtocol:
      if (box.local_port.is_any() && box.remote_port.is_any()) box.protocol = source.protocol;
      break;
    case Dimension::kLocal: box.local = source.local; break;
    case Dimension::kRemote: box.remote = source.remote; break;
    case Dimension::kLocalPort:
      if (box.protocol && is_icmp(*box.protocol) && !box.remote_port.is_any()) break;  // the type of a code
      box.local_port = source.local_port;
      break;
    case Dimension::kRemotePort: box.remote_port = source.remote_port; break;
  }
  return box;
}

// `cut` with one dimension as wide as it was in `whole`, and then only as narrow as the holes demand of it alone.
base::Selector grown(const base::Selector& whole, const base::Selector& cut, Dimension dimension,
                     const std::vector<Match>& holes, const Target& target) {
  base::Selector box = with_part_of(whole, dimension, cut);
  if (box == cut) return cut;
  for (const Match& hole : holes) {
    if (!box.overlaps(hole.line)) continue;
    const auto narrower = cut_in(dimension, box, hole.line, target);
    if (!narrower) return cut;
    box = *narrower;
  }
  return box;
}

}  // namespace

std::optional<base::MaskedAddress> cut_address(const base::MaskedAddress& set, const base::MaskedAddress& hole,
                                               const base::Address& address) {
  const base::Uint128 telling = (address.value() ^ hole.address().value()) & hole.mask() & ~set.mask();
  if (telling == 0) return std::nullopt;
  const auto high = static_cast<std::uint64_t>(telling >> 64);
  const int zeros = high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<std::uint64_t>(telling));
  const unsigned length = static_cast<unsigned>(zeros) + 1 - (128 - base::width(set.family()));
  return base::MaskedAddress(address, set.mask() | base::prefix_mask(set.family(), length));
}

base::Selector carve(const Snapshot& snapshot, const Match& match, const base::Selector& box, const base::Flow& flow,
                     DataPlane plane) {
  const Target target{flow, plane};
  const std::vector<Match> holes = snapshot.overlapping(box, match.rule);
  base::Selector result = box;
  if (holes.empty()) return result;
  for (const Match& hole : holes) {
    if (result.overlaps(hole.line)) result = cheapest_cut(result, hole.line, target);
  }
  // Cuts made first may have become needless by deeper ones in other dimensions.
  for (const Dimension dimension : kGrowOrder) result = grown(box, result, dimension, holes, target);
  return result;
}

}  // namespace policy
