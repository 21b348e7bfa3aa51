// `tedctl watch` on a real terminal: what it shows, that it follows the size and the keys, and that it leaves the
// terminal as it was.
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <thread>
#include <unistd.h>
#include <utmp.h>
#include <vector>

#include "control/reply.hpp"
#include "unit/cli/fake_daemon.hpp"
#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

using control::Reply;

const control::Timestamp kTime{std::chrono::milliseconds(1790000000123)};

/// A tedd that answers any number of questions, and keeps the connection of a watcher open.
class LiveDaemon {
 public:
  LiveDaemon() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    unlink(path_.c_str());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
    if (listen(listener_, 8) != 0 || pipe2(stop_, O_CLOEXEC) != 0) std::abort();
    thread_ = std::thread([this] { serve(); });
  }
  ~LiveDaemon() {
    end();
    close(listener_);
    close(stop_[0]);
    close(stop_[1]);
    unlink(path_.c_str());
  }
  LiveDaemon(const LiveDaemon&) = delete;
  LiveDaemon& operator=(const LiveDaemon&) = delete;
  LiveDaemon(LiveDaemon&&) = delete;
  LiveDaemon& operator=(LiveDaemon&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Closes the watcher's connection and serves no more.
  void end() {
    if (!thread_.joinable()) return;
    (void)!write(stop_[1], "x", 1);
    thread_.join();
  }

 private:
  void serve() {
    int watcher = -1;
    while (true) {
      pollfd waiting[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
      poll(waiting, 2, -1);
      if (waiting[1].revents != 0) break;
      const int connection = accept(listener_, nullptr, nullptr);
      std::string line;
      char c = 0;
      while (read(connection, &c, 1) == 1 && c != '\n') line += c;
      const std::string answer = reply_to(line);
      (void)!write(connection, answer.data(), answer.size());
      line.find("watch") != std::string::npos ? void(watcher = connection) : void(close(connection));
    }
    if (watcher >= 0) close(watcher);
  }

  static std::string reply_to(const std::string& line) {
    const auto asked = control::decode_request(line);
    switch (asked ? asked->command : control::Command::kRelease) {
      case control::Command::kStatus: {
        control::Status status;
        status.version = "0.1.0";
        status.state = "running";
        status.guard = "in force";
        status.charon_connected = true;
        return encode(Reply::success(status)) + "\n";
      }
      case control::Command::kTunnels:
        return encode(Reply::success(std::vector<control::Tunnel>{
                   {base::Address::parse("192.0.2.9").value(), "web", "up", {}, kTime, {}, true, {}, "draft"}})) +
               "\n";
      case control::Command::kHistory: {
        control::History history;
        history.happenings.push_back({"TED-TUNNEL-UP", kTime, "came before", {}, {}, {}, {}, {}});
        return encode(Reply::success(history)) + "\n";
      }
      case control::Command::kWatch:
        return encode(Reply::success({})) + "\n" +
               encode(control::Event{"TED-DISCOVERY-FAILED", kTime, "no gateway answered", {}}) + "\n";
      default: return encode(Reply::failure({"not here", {}})) + "\n";
    }
  }

  std::string path_ = scratch() + "/live.sock";
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  std::thread thread_;
};

/// tedctl with a terminal of its own.
class OnTerminal {
 public:
  OnTerminal(const std::vector<std::string>& arguments, const char* no_colour, unsigned short columns = 90) {
    winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
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

constexpr const char* kEnter = "\x1b[?1049h";
constexpr const char* kLeave = "\x1b[?25h\x1b[?1049l";

TEST(WatchScreen, ShowsAndLeavesTheTerminalAsItWas) {
  LiveDaemon daemon;
  OnTerminal terminal({"--socket", daemon.path(), "watch"}, nullptr);
  EXPECT_TRUE(terminal.shows("no gateway answered"));
  EXPECT_TRUE(terminal.shows("came before"));
  EXPECT_TRUE(terminal.shows("192.0.2.9  web   up     draft"));
  EXPECT_TRUE(terminal.shows("\x1b[31m"));
  EXPECT_TRUE(terminal.shows(kEnter));
  EXPECT_FALSE(terminal.is_as_before());
  terminal.press('q');
  EXPECT_EQ(terminal.status(), 0);
  EXPECT_TRUE(terminal.shows(kLeave));
  EXPECT_TRUE(terminal.is_as_before());
}

TEST(WatchScreen, FollowsTheSizeAndEndsWithCtrlC) {
  LiveDaemon daemon;
  OnTerminal terminal({"--socket", daemon.path(), "watch"}, "1");
  EXPECT_TRUE(terminal.shows("no gateway answered"));
  EXPECT_EQ(terminal.shown().find("\x1b[31m"), std::string::npos);  // NO_COLOR
  terminal.forget();
  terminal.resize(30, 12);
  EXPECT_TRUE(terminal.shows("TED-DISCOVERY-FAILE…"));
  terminal.press('\x03');
  EXPECT_EQ(terminal.status(), 0);
  EXPECT_TRUE(terminal.is_as_before());
}

TEST(WatchScreen, EndsWithTheDaemonAndSaysSo) {
  LiveDaemon daemon;
  OnTerminal terminal({"--socket", daemon.path(), "watch"}, nullptr);
  EXPECT_TRUE(terminal.shows("no gateway answered"));
  daemon.end();
  EXPECT_EQ(terminal.status(), 3);
  EXPECT_TRUE(terminal.is_as_before());
  EXPECT_GT(terminal.shown().rfind("tedctl: "), terminal.shown().rfind(kLeave));
}

TEST(WatchScreen, JsonIsLinesOnATerminalAsWell) {
  LiveDaemon daemon;
  OnTerminal terminal({"--socket", daemon.path(), "--json", "watch"}, nullptr);
  EXPECT_TRUE(terminal.shows("{\"id\":\"TED-DISCOVERY-FAILED\""));
  EXPECT_EQ(terminal.shown().find(kEnter), std::string::npos);
}

std::string reply(control::Data data) {
  return encode(Reply::success(std::move(data))) + "\n";
}

TEST(TraceOnATerminal, ShowsEachProbe) {
  const auto flow = base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443").value();
  const auto event = [&](const char* id, int ms, control::NamedValues<std::string> fields) {
    fields.emplace_back("flow", flow.text());
    return encode(control::Event{id, kTime + std::chrono::milliseconds(ms), "", std::move(fields)}) + "\n";
  };
  const std::string events = reply({}) + event("TED-DISCOVERY-STARTED", 0, {{"rule", "web"}}) +
                             event("TED-DISCOVERY-STARTED", 5, {}) + event("TED-PROBE-REPEATED", 505, {});
  control::TraceResult result{flow, true, base::Address::parse("192.0.2.9").value(), 900, {}, 2, {}};
  {
    FakeDaemon daemon({events, reply(result)});
    OnTerminal terminal({"--socket", daemon.path(), "trace", "10.2.0.7"}, "1");
    EXPECT_TRUE(
        terminal.shows(" 1  probing 10.2.0.7 …  *  nothing within 500 ms\r\n"
                       " 2  probing 10.2.0.7 …  192.0.2.9  0.900 ms\r\nprobed for"))
        << terminal.shown();
    EXPECT_EQ(terminal.status(), 0);
  }
  result = {flow, false, {}, {}, {}, 2, "no gateway answered"};
  FakeDaemon daemon({events, reply(result)});
  OnTerminal terminal({"--socket", daemon.path(), "trace", "10.2.0.7"}, "1");
  EXPECT_TRUE(terminal.shows(" 2  probing 10.2.0.7 …  *\r\n")) << terminal.shown();
  EXPECT_TRUE(terminal.shows("'tedctl why tcp 10.1.0.5:40000 > 10.2.0.7:443' says")) << terminal.shown();
  EXPECT_EQ(terminal.status(), 1);
}

TEST(WordsOnATerminal, FitIt) {
  const auto longest = [](const std::vector<std::string>& command, control::Data data) {
    FakeDaemon daemon(reply(std::move(data)));
    std::vector<std::string> all{"--socket", daemon.path()};
    all.insert(all.end(), command.begin(), command.end());
    OnTerminal terminal(all, "1", 60);
    EXPECT_EQ(terminal.status(), 0);
    std::size_t most = 0;
    std::size_t begin = 0;
    for (auto end = terminal.shown().find("\r\n"); end != std::string::npos;
         end = terminal.shown().find("\r\n", begin)) {
      most = std::max(most, end - begin);
      begin = end + 2;
    }
    EXPECT_GT(most, 0);
    return most;
  };
  const std::string words = "words and words and words and words and words and words and words and words and words";
  control::Status status;
  status.state = "running";
  status.guard = "in force";
  status.openings = 2;
  status.reload_error = words;
  EXPECT_LE(longest({"status"}, status), 60);
  EXPECT_LE(longest({"rules"}, std::vector{control::RuleInfo{"web", "protect", {}, true, true, "block", "drop", 7}}),
            60);
  EXPECT_LE(longest({"history"}, control::History{0, {{"TED-TUNNEL-UP", kTime, words, "web", {}, {}, {}, {}}}}), 60);
  const auto flow = base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443").value();
  const control::Why why{.flow = flow,
                         .verdict = "open",
                         .rule = {},
                         .because = {words},
                         .tunnels = {},
                         .pending = {},
                         .steps = {{"TED-TUNNEL-UP", kTime, words, {}}},
                         .advice = {words}};
  EXPECT_LE(longest({"why", flow.text()}, why), 60);
}

TEST(TableOnATerminal, FitsIt) {
  LiveDaemon daemon;
  OnTerminal terminal({"--socket", daemon.path(), "tunnels"}, nullptr, 40);
  EXPECT_EQ(terminal.status(), 0);
  EXPECT_TRUE(terminal.shows("PEER       192.0.2.9\r\nRULE       web\r\n"));
}

TEST(TableOnATerminal, HasColoursUnlessSomebodySaysNo) {
  LiveDaemon daemon;
  OnTerminal table({"--socket", daemon.path(), "tunnels"}, nullptr);
  EXPECT_EQ(table.status(), 0);
  EXPECT_TRUE(table.shows("\x1b[1mPEER "));
  OnTerminal well({"--socket", daemon.path(), "status"}, nullptr);
  EXPECT_EQ(well.status(), 0);
  EXPECT_TRUE(well.shows("\x1b[32mguard       in force\x1b[0m"));
  OnTerminal plain({"--socket", daemon.path(), "status"}, "1");
  EXPECT_EQ(plain.status(), 0);
  EXPECT_TRUE(plain.shows("guard       in force"));
  EXPECT_EQ(plain.shown().find('\x1b'), std::string::npos);
  EXPECT_EQ(tedctl({"--socket", daemon.path(), "status"}).out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace cli_test
