// What a simulation counts, in all and for each interval of time.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace sim {

enum class Figure : std::uint8_t {
  kPackets,     ///< that hosts sent
  kEncrypted,   ///< delivered, and a tunnel carried it
  kClear,       ///< delivered in the clear: nobody protects it, or a rule says bypass while no peer is found
  kDropped,     ///< by a gateway's policy, or for want of a tunnel
  kBlackholed,  ///< in a tunnel whose other end does not know it, or cannot be reached
  kProbes,      ///< sent onto a link, passed-on ones and false ones too
  kResponses,
  kLost,  ///< datagrams of discovery that a link lost
  kDuplicated,
  kAttacks,       ///< datagrams that an attacker sent
  kNegotiations,  ///< that gateways asked charon for
  kRefused,
  kTunnelsUp,      ///< tunnels that stood at both ends
  kTunnelsDown,    ///< ends of tunnels that went
  kTunnelsDouble,  ///< came up though one between the same gateways carried the same
  kRekeyed,
  kFlowsStarted,
};
inline constexpr std::size_t kFigures = static_cast<std::size_t>(Figure::kFlowsStarted) + 1;

/// `packets`, `tunnels_up` and the like: stable.
[[nodiscard]] std::string_view name(Figure figure);

using Figures = std::array<std::uint64_t, kFigures>;

/// The figures of one interval, and how many flows had a tunnel at its end.
struct Interval {
  base::Instant end;
  Figures figures{};
  std::uint64_t with_tunnel = 0;
};

class Metrics {
 public:
  void add(Figure figure) { ++current_[static_cast<std::size_t>(figure)]; }
  void end_interval(base::Instant now, std::uint64_t with_tunnel) {
    for (std::size_t i = 0; i < kFigures; ++i) total_[i] += current_[i];
    intervals_.push_back({now, current_, with_tunnel});
    current_ = {};
  }

  /// Of all intervals that have ended.
  [[nodiscard]] std::uint64_t total(Figure figure) const { return total_[static_cast<std::size_t>(figure)]; }
  [[nodiscard]] const std::vector<Interval>& intervals() const { return intervals_; }

 private:
  Figures current_{};
  Figures total_{};
  std::vector<Interval> intervals_;
};

}  // namespace sim
