// tedctl with a terminal of its own.
#pragma once

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <poll.h>
#include <pty.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>
#include <vector>

namespace cli_test {

/// tedctl with a terminal of its own.
class OnTerminal {
 public:
  OnTerminal(const std::vector<std::string>& arguments, const char* no_colour, unsigned short columns = 90,
             unsigned short rows = 24) {
    winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    if (openpty(&main_, &other_, nullptr, nullptr, &size) != 0) std::abort();
    tcgetattr(other_, &before_);
    child_ = fork();
    if (child_ != 0) return;
    login_tty(other_);
    setenv("TERM", "xterm", 1);
    no_colour == nullptr ? unsetenv("NO_COLOR") : setenv("NO_COLOR", no_colour, 1);
    std::vector<std::string> words{OPENTED_TEDCTL};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execv(OPENTED_TEDCTL, pointers.data());
    _exit(127);
  }
  ~OnTerminal() {
    if (!ended_) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    close(main_);
    close(other_);
  }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;
  OnTerminal(OnTerminal&&) = delete;
  OnTerminal& operator=(OnTerminal&&) = delete;

  /// True when that text comes within ten seconds; what came is in shown().
  bool shows(const std::string& text) {
    for (int i = 0; i < 100 && shown_.find(text, from_) == std::string::npos; ++i) read_some(100);
    return shown_.find(text, from_) != std::string::npos;
  }
  /// shows() looks only at what comes from now on.
  void forget() { from_ = shown_.size(); }
  void press(char key) { (void)!write(main_, &key, 1); }
  void resize(unsigned short columns, unsigned short rows) {
    const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    ioctl(main_, TIOCSWINSZ, &size);
  }
  /// The exit status; -1 when it was ended by a signal or did not end within ten seconds.
  int status() {
    int status = 0;
    for (int i = 0; i < 100; ++i) {
      if (waitpid(child_, &status, WNOHANG) == child_) {
        ended_ = true;
        read_some(0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      }
      read_some(100);
    }
    return -1;
  }
  [[nodiscard]] bool is_as_before() const {
    termios now{};
    tcgetattr(other_, &now);
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag &&
           std::equal(std::begin(now.c_cc), std::end(now.c_cc), std::begin(before_.c_cc));
  }
  [[nodiscard]] const std::string& shown() const { return shown_; }

 private:
  void read_some(int patience) {
    pollfd waiting{main_, POLLIN, 0};
    while (poll(&waiting, 1, patience) == 1 && (waiting.revents & POLLIN) != 0) {
      char chunk[4096];
      const auto length = read(main_, chunk, sizeof chunk);
      if (length <= 0) return;
      shown_.append(chunk, static_cast<std::size_t>(length));
      patience = 0;
    }
  }

  int main_ = -1;
  int other_ = -1;
  pid_t child_ = -1;
  termios before_{};
  bool ended_ = false;
  std::string shown_;
  std::size_t from_ = 0;
};

}  // namespace cli_test
