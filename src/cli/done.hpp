// The answer of the commands that act.
#pragma once

#include "cli/output.hpp"
#include "control/report.hpp"

namespace cli {

inline void show_done(const control::Done& done) {
  print(done.text);
}

}  // namespace cli
