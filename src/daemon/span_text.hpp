// Spans of time as people read them.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "base/time.hpp"

namespace tedd {

/// `3.5 s`; what is below nothing is nothing.
[[nodiscard]] inline std::string seconds(base::Duration span) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(std::max(span, base::Duration{})) / 100;
  return std::to_string(tenths.count() / 10) + "." + std::to_string(tenths.count() % 10) + " s";
}

}  // namespace tedd
