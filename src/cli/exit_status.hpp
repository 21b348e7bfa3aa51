// How every command of tedctl ends.
#pragma once

#include <cstdint>

namespace cli {

enum class ExitStatus : std::uint8_t {
  kOk = 0,
  kNo = 1,         ///< the answer is no, or something went wrong
  kUsage = 2,      ///< the command line cannot be understood
  kNotRunning = 3  ///< the daemon is not running
};

}  // namespace cli
