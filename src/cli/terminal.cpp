#include "cli/terminal.hpp"

#include <cstdlib>
#include <string>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace cli {

namespace {

void write_all(std::string_view text) {
  while (!text.empty()) {
    const auto written = write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) return;  // the terminal has gone: the next read says so
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::optional<TerminalSize> terminal_size(int descriptor) {
  if (isatty(descriptor) == 0) return std::nullopt;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return TerminalSize{};
  return TerminalSize{size.ws_col, size.ws_row};
}

bool may_colour() {
  const char* refused = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && (refused == nullptr || *refused == '\0') && kind != nullptr &&
         std::string_view(kind) != "dumb" && *kind != '\0';
}

ScreenTerminal::ScreenTerminal() {
  termios now{};
  if (isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &now) == 0) {
    before_ = now;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    now.c_cc[VMIN] = 0;
    now.c_cc[VTIME] = 0;
    now.c_cc[VSUSP] = _POSIX_VDISABLE;  // stopped, it would leave the terminal to the shell as it is
    tcsetattr(STDIN_FILENO, TCSANOW, &now);
  }
  write_all("\x1b[?1049h\x1b[?25l");
}

ScreenTerminal::~ScreenTerminal() {
  write_all("\x1b[?25h\x1b[?1049l");
  if (before_) tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

void ScreenTerminal::show(std::string_view text) const {
  write_all("\x1b[H" + std::string(text) + "\x1b[J");
}

}  // namespace cli
