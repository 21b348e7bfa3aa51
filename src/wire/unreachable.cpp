#include "wire/unreachable.hpp"

#include <algorithm>

#include "base/protocol.hpp"
#include "wire/constants.hpp"
#include "wire/ip.hpp"

namespace wire {

namespace {

constexpr std::uint8_t kUnreachableV4 = 3;
constexpr std::uint8_t kFragmentationNeeded = 4;
constexpr std::uint8_t kUnreachableV6 = 1;
/// Type, code, checksum, and four bytes that mean nothing here.
constexpr std::size_t kIcmpHeaderLength = 8;
constexpr std::size_t kExchangeAt = 17;  ///< in the ISAKMP header: version, then exchange type

// The cookie of the probe whose UDP datagram begins like that.
std::optional<Cookie> cookie_of_probe(base::ByteView udp) {
  if (udp.size() < kUdpHeaderLength + kExchangeAt + 2) return std::nullopt;
  const auto message = udp.subspan(kUdpHeaderLength);
  base::Reader ports(udp);
  (void)ports.u16();
  if (ports.u16() != kUdpPort || message[kExchangeAt] != kIsakmpVersion ||
      message[kExchangeAt + 1] != static_cast<std::uint8_t>(Exchange::kProbe)) {
    return std::nullopt;
  }
  Cookie cookie{};
  std::copy_n(message.begin(), cookie.size(), cookie.begin());
  if (cookie == Cookie{}) return std::nullopt;  // no probe has that
  return cookie;
}

}  // namespace

Unreachable::Obstacle Unreachable::obstacle() const {
  const bool v4 = destination.family() == base::Family::kV4;
  switch (code) {
    case 1: return v4 ? Obstacle::kNoWay : Obstacle::kRefused;
    case 3: return v4 ? Obstacle::kNoPort : Obstacle::kNoWay;
    case 4: return Obstacle::kNoPort;  // IPv6 alone
    case 5:
    case 6: return v4 ? Obstacle::kNoWay : Obstacle::kRefused;
    case 9:
    case 10:
    case 13: return Obstacle::kRefused;
    default: return Obstacle::kNoWay;
  }
}

std::optional<Unreachable> unreachable_of(base::ByteView packet) {
  const auto outer = read_ip(packet);
  if (!outer || outer->fragment || outer->transport.size() < kIcmpHeaderLength) return std::nullopt;
  const bool v4 = outer->protocol == base::number(base::Protocol::kIcmp) && outer->transport[0] == kUnreachableV4 &&
                  outer->transport[1] != kFragmentationNeeded;
  const bool v6 = outer->protocol == base::number(base::Protocol::kIpv6Icmp) && outer->transport[0] == kUnreachableV6;
  if (!v4 && !v6) return std::nullopt;
  const auto inner = read_ip(outer->transport.subspan(kIcmpHeaderLength));
  if (!inner || !inner->first || inner->protocol != base::number(base::Protocol::kUdp)) return std::nullopt;
  const auto cookie = cookie_of_probe(inner->transport);
  if (!cookie) return std::nullopt;
  return Unreachable{outer->source, outer->transport[1], inner->source, inner->destination, *cookie};
}

}  // namespace wire
