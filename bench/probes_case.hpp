// The three programs of interception.py: who asks, who floods, and the least that can answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace bench {

struct Asked {
  std::size_t answered = 0;
  double seconds = 0;              ///< from the first probe to the last answer
  std::vector<double> answers_us;  ///< from probe to answer, of those that were answered, ascending
};

/// Sends `count` probes for flows from 10.1.0.0/24 to 10.2.0.10, from as many gateways of 198.18.0.0/24 as there are,
/// and hears their answers at port 500. `a_second` 0: as many as are answered, `window` under way at once.
[[nodiscard]] base::Result<Asked, std::string> ask(std::size_t count, std::size_t window, std::size_t a_second);

/// A bare echo: answers what comes through an NFLOG group with a datagram as long as ours, and looks at nothing but
/// cookie and gateway. Until it is killed; the reason when it cannot.
[[nodiscard]] std::string echo(std::uint16_t group, std::uint32_t mark);

/// Good probes to that hardware address, one of each source: the flood's, whoever sends it.
[[nodiscard]] base::Result<std::vector<base::Bytes>, std::string> flood_frames(const std::string& mac,
                                                                               std::size_t sources);

/// Good probes to that hardware address, each source so often as it comes, as fast as they can be written, for so long.
/// Their number.
[[nodiscard]] base::Result<std::size_t, std::string> flood_with_probes(const std::string& interface,
                                                                       const std::string& mac, std::size_t sources,
                                                                       double seconds);

}  // namespace bench
