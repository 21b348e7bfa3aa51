#include "wire/partial_checksum.hpp"

#include <cstddef>
#include <optional>

#include "base/protocol.hpp"
#include "wire/checksum.hpp"
#include "wire/ip.hpp"

namespace wire {
namespace {

/// Where in its header a transport has the checksum that devices write.
std::optional<std::size_t> checksum_at(std::uint8_t protocol) {
  if (protocol == base::number(base::Protocol::kTcp)) return 16;
  if (protocol == base::number(base::Protocol::kUdp)) return 6;
  return std::nullopt;
}

}  // namespace

void complete_checksum(std::span<std::uint8_t> packet) {
  const auto ip = read_ip(packet);
  if (!ip || !ip->complete || !ip->first || ip->fragment) return;
  const auto at = checksum_at(ip->protocol);
  if (!at || ip->transport.size() < *at + 2) return;
  Checksum sum = pseudo_header(ip->source, ip->destination, ip->protocol, ip->transport.size());
  const auto field = packet.subspan(static_cast<std::size_t>(ip->transport.data() - packet.data()) + *at, 2);
  const auto found = static_cast<std::uint16_t>(field[0] << 8 | field[1]);
  if (found != static_cast<std::uint16_t>(~sum.value())) return;
  field[0] = field[1] = 0;
  sum.add(ip->transport);
  const std::uint16_t whole = written(sum);
  field[0] = static_cast<std::uint8_t>(whole >> 8);
  field[1] = static_cast<std::uint8_t>(whole);
}

}  // namespace wire
