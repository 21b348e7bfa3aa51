// The command line of tedsim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/options.hpp"

namespace sim {

/// What one call of tedsim is to do.
struct Invocation {
  Options options;
  std::optional<std::uint64_t> last_seed;  ///< run a random world for each seed from options.seed to this one
  bool random = false;                     ///< everything but the seed is drawn from the seed
  bool json = false;
  bool twice = false;         ///< run all twice and compare the bytes
  bool timing = false;        ///< say on standard error what it took
  std::string html;           ///< file to write; empty: none
  std::optional<int> status;  ///< end at once with this: help was asked for, or the line is wrong
};

[[nodiscard]] Invocation parse_arguments(int argc, char** argv);

}  // namespace sim
