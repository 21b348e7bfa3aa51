// The facts without which a figure means nothing.
#pragma once

#include <string>

namespace bench {

struct Machine {
  std::string cpu;
  unsigned cores = 0;
  std::string kernel;
  std::string compiler;
  std::string build;
};

[[nodiscard]] Machine this_machine();

}  // namespace bench
