// What tedctl knows of the terminal that it writes to.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <termios.h>
#include <unistd.h>

namespace cli {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// Of standard output, or of another descriptor; nothing when that is no terminal.
[[nodiscard]] std::optional<TerminalSize> terminal_size(int descriptor = STDOUT_FILENO);

/// True when standard output is a terminal that has colours and nobody said no: NO_COLOR is unset or empty
/// (no-color.org), and TERM is neither `dumb` nor missing.
[[nodiscard]] bool may_colour();

/// Takes the terminal for a screen: another buffer, no cursor, keys as they are pressed. Gives it back as it was when
/// it ends. One at a time.
class ScreenTerminal {
 public:
  ScreenTerminal();
  ~ScreenTerminal();
  ScreenTerminal(const ScreenTerminal&) = delete;
  ScreenTerminal& operator=(const ScreenTerminal&) = delete;
  ScreenTerminal(ScreenTerminal&&) = delete;
  ScreenTerminal& operator=(ScreenTerminal&&) = delete;

  /// False when standard input is none, so that no keys come.
  [[nodiscard]] bool has_keys() const { return before_.has_value(); }
  /// Shows it from the top left on; it has its own escape sequences.
  void show(std::string_view text) const;

 private:
  std::optional<termios> before_;
};

}  // namespace cli
