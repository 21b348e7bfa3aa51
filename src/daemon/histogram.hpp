// Durations counted by size: what Prometheus calls a histogram.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace tedd {

class Histogram {
 public:
  /// Upper bounds in seconds, each included: from a round trip in one building to what strongSwan may take at most,
  /// twice.
  static constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                         0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};

  void observe(base::Duration span) {
    const double seconds = std::max(0.0, std::chrono::duration<double>(span).count());
    ++counts_[static_cast<std::size_t>(std::ranges::lower_bound(kBounds, seconds) - kBounds.begin())];
    sum_ += seconds;
  }

  /// Those up to bound `i`, those of the smaller bounds among them; with `i` = kBounds.size() all.
  [[nodiscard]] std::uint64_t up_to(std::size_t i) const {
    std::uint64_t all = 0;
    for (std::size_t each = 0; each <= i; ++each) all += counts_[each];
    return all;
  }
  [[nodiscard]] std::uint64_t count() const { return up_to(kBounds.size()); }
  /// Seconds.
  [[nodiscard]] double sum() const { return sum_; }

 private:
  std::array<std::uint64_t, kBounds.size() + 1> counts_{};
  double sum_ = 0;
};

}  // namespace tedd
