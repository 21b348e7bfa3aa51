// `tedctl watch` on a real terminal: what it shows, that it follows the size and the keys, and that it leaves the
// terminal as it was.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "control/reply.hpp"
#include "unit/cli/fake_daemon.hpp"
#include "unit/cli/on_terminal.hpp"
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
