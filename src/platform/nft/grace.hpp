// Waiting for the packets that are on their way through the rules.
#pragma once

#include "base/result.hpp"
#include "platform/nft/error.hpp"

namespace nft {

/// Returns when every packet that was being judged at the call, on any processor, has been: the kernel judges packets
/// in RCU read-side sections, and this waits until all of those have ended. Some ten to fifty milliseconds. Fails where
/// the kernel offers neither of two ways to wait (membarrier(2); the end of a packet socket, which takes CAP_NET_RAW).
[[nodiscard]] base::Result<void, Error> wait_for_packets();

}  // namespace nft
