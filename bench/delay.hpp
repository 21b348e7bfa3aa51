// A cable that takes time, for kernels without netem.
#pragma once

#include <chrono>
#include <string>

namespace bench {

/// Carries every frame from one interface to the other, in both directions, `delay` after it came. Runs until the
/// process ends; prints `ready` when it carries. Returns the reason when it cannot.
[[nodiscard]] std::string carry(const std::string& left, const std::string& right, std::chrono::nanoseconds delay);

}  // namespace bench
