// A flood as fast as a driver could bring it: frames without socket buffers.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace bench {

/// Sends these frames, all of one length, one after the other and again from the start, out of that interface for so
/// many seconds, at most `a_second` of them (0: as fast as it goes), on the processor on which the caller runs, which
/// it takes whole. The other end of a veth must have an XDP program in native mode. Their number, or why not; needs
/// Linux 5.18.
[[nodiscard]] base::Result<std::uint64_t, std::string> flood_live(const std::string& interface,
                                                                  std::span<const base::Bytes> frames, unsigned seconds,
                                                                  std::uint64_t a_second);

}  // namespace bench
