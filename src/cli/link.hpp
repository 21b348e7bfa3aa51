// IP packets out of captured frames.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace cli {

/// True for Ethernet, Linux cooked captures (v1, v2), bare IP and the loopback of BSD (null, loop).
[[nodiscard]] bool known_link_type(std::uint32_t link_type);

/// The IP packet in a frame, VLAN tags skipped; it points into the frame and may have padding behind its end. Empty
/// when the frame holds something else or is too short.
[[nodiscard]] base::ByteView ip_packet(std::uint32_t link_type, base::ByteView frame);

}  // namespace cli
