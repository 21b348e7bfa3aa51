// The live screen of `tedctl watch`, as text: what it shows, and where.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "cli/terminal.hpp"
#include "control/report.hpp"

namespace cli {

struct ScreenData {
  control::Status status;
  std::vector<control::Tunnel> tunnels;
  std::deque<control::Event> events;  ///< the latest last
};

/// At most `size.rows` lines of at most `size.columns` characters, escape sequences for colours not counted; those are
/// there only with `colour`. What it says with a colour it says in words as well.
[[nodiscard]] std::vector<std::string> screen(const ScreenData& data, TerminalSize size, bool colour);

}  // namespace cli
