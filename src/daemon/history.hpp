// What happened lately to discoveries and tunnels, in order: what `tedctl history` and `tedctl report` tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/selector.hpp"
#include "base/time.hpp"
#include "control/report.hpp"
#include "engine/report.hpp"
#include "engine/tunnels.hpp"

namespace tedd {

/// Discoveries, which any inside host can cause, and tunnels, behind which an authenticated peer stands, are kept
/// apart: a scan does not push out what became of the tunnels. What becomes of others' probes is not kept: anybody can
/// send them.
class History {
 public:
  /// The latest of each kind: with some 400 bytes each, less than a megabyte.
  static constexpr std::size_t kMaxSteps = 1'024;

  /// `tunnels` are asked for what the tunnel of the report carries.
  void note(const engine::Report& report, const engine::Tunnels& tunnels, base::Instant now);
  /// The earliest first.
  [[nodiscard]] control::History tell() const;

 private:
  struct Step {
    base::Instant at;
    std::uint64_t number;  ///< the order of those of one instant
    engine::Report report;
    std::vector<base::Selector> selectors;
  };

  std::deque<Step> discoveries_;
  std::deque<Step> tunnels_;
  std::uint64_t noted_ = 0;
};

}  // namespace tedd
