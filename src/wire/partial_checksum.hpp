// The checksum that a packet will have once it leaves.
#pragma once

#include <cstdint>
#include <span>

namespace wire {

/// A host on the same machine leaves the checksum of TCP and UDP to the device that sends (CHECKSUM_PARTIAL): a copy
/// taken before then has the sum of the pseudo header there and nothing else. Writes the checksum into such a packet;
/// leaves any other as it is, right or wrong. `packet` is a whole IP packet, headers and all.
void complete_checksum(std::span<std::uint8_t> packet);

}  // namespace wire
