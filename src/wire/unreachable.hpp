// "Destination unreachable" about a probe: the network's word that no gateway took it off the path.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "wire/message.hpp"

namespace wire {

/// What an ICMP error says about the probe that it quotes.
struct Unreachable {
  base::Address reporter;  ///< who sent the error: a router, or the destination host itself
  std::uint8_t code = 0;   ///< RFC 792, RFC 4443 section 3.1
  base::Address source;    ///< of the probe
  base::Address destination;
  Cookie initiator_cookie{};

  /// What stood in the way, as far as the code tells (RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3.1).
  enum class Obstacle : std::uint8_t {
    kNoWay,    ///< no route, or nobody answers for the address
    kRefused,  ///< a firewall forbids it
    kNoPort,   ///< nobody listens there; firewalls say so, too
  };
  [[nodiscard]] Obstacle obstacle() const;
};

/// The ICMP destination unreachable (RFC 792; not "fragmentation needed", which says something else) or ICMPv6
/// destination unreachable (RFC 4443 section 3.1) in the IP packet, when it quotes a probe up to its exchange type, as
/// RFC 1812 section 4.3.2.3 asks routers to. Nothing when it is anything else or quotes less. Nothing is verified: the
/// cookie tells whether whoever wrote it has seen the probe.
[[nodiscard]] std::optional<Unreachable> unreachable_of(base::ByteView packet);

}  // namespace wire
