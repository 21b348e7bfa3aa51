// The answer of the commands that act.
#pragma once

#include "cli/output.hpp"
#include "control/report.hpp"

namespace cli {

inline void show_done(const control::Done& done) {
  for (const std::string& remark : done.remarks.value_or(std::vector<std::string>{})) print_folded(remark);
  print_line(done.text);
}

}  // namespace cli
