// Time as a value. Nothing below the daemon reads a clock: `now` is always an argument.
#pragma once

#include <chrono>

namespace base {

using Duration = std::chrono::nanoseconds;

/// The monotonic time line of one process, or of one simulation. It has no now() on purpose.
struct TimeLine {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<TimeLine>;
  static constexpr bool is_steady = true;  // NOLINT(readability-identifier-naming): the standard's name
};

using Instant = TimeLine::time_point;

}  // namespace base
