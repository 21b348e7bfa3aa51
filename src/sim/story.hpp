// The last things that happened, kept small and told in words only when somebody asks: what a violation prints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace sim {

enum class Tale : std::uint8_t {
  kCaught,
  kProbe,
  kResponse,
  kForged,
  kReplayed,
  kMangled,
  kLost,
  kDuplicated,
  kInitiated,
  kRefused,
  kUnanswered,
  kTunnelUp,
  kTunnelDown,
  kRekeyed,
  kDeadPeer,
  kPartition,
  kHealed,
  kTeddEnds,
  kCharonEnds,
  kGatewayEnds,
  kStarts,
  kMoved,
  kReloaded,
  kCalm,
};

/// `from` and `to` are gateways, or sites where a site is told of; kNobody where there is none. `about` is a flow or
/// a tunnel.
struct Happening {
  base::Instant at;
  std::uint32_t from = 0xffffffff;
  std::uint32_t to = 0xffffffff;
  std::uint32_t about = 0xffffffff;
  Tale tale{};

  bool operator==(const Happening&) const = default;
};

/// One line: `   1.520000 s  gw-3 -> gw-7  probe`.
[[nodiscard]] std::string text(const Happening& happening);
/// `12.345678 s`
[[nodiscard]] std::string text(base::Instant at);

/// Of many, the last.
class Story {
 public:
  static constexpr std::size_t kRemembered = 256;

  void tell(const Happening& happening) {
    if (ring_.size() < kRemembered) {
      ring_.push_back(happening);
    } else {
      ring_[next_] = happening;
      next_ = (next_ + 1) % kRemembered;
    }
  }
  /// The oldest first.
  [[nodiscard]] std::vector<Happening> told() const;

 private:
  std::vector<Happening> ring_;
  std::size_t next_ = 0;
};

}  // namespace sim
