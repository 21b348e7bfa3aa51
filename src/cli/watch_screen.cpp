#include "cli/watch_screen.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

#include "cli/screen.hpp"

namespace cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostEvents = 200;
constexpr std::chrono::seconds kRefresh{1};

/// Signals as something to read: those that end it, and that the terminal has another size.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) sigaddset(&set_, signal);
    sigprocmask(SIG_BLOCK, &set_, &before_);
    descriptor_ = signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~Signals() {
    close(descriptor_);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  Signals(Signals&&) = delete;
  Signals& operator=(Signals&&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// True when one of them asks to end.
  [[nodiscard]] bool take() const {
    signalfd_siginfo info{};
    bool ends = false;
    while (read(descriptor_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      ends = ends || info.ssi_signo != static_cast<std::uint32_t>(SIGWINCH);
    }
    return ends;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
  int descriptor_ = -1;
};

template <class T>
base::Result<void, ConnectionError> fetch(const Context& context, control::Command command, T& answer) {
  TED_TRY(auto data, ask(context, {command, {}}));
  answer = std::get<T>(std::move(data));
  return {};
}

class Watch {
 public:
  Watch(const Context& context, Connection& events) : context_(context), events_(events) {}

  base::Result<ExitStatus, ConnectionError> run() {
    if (auto done = remember(); !done) return std::unexpected(done.error());
    // Some may have come along with the answer, and nothing wakes us for those.
    if (auto done = read_events(); !done) return std::unexpected(done.error());
    auto refresh = Clock::now();
    while (true) {
      if (Clock::now() >= refresh) {
        if (auto done = ask_again(); !done) return std::unexpected(done.error());
        refresh = Clock::now() + kRefresh;
      }
      show();
      std::array<pollfd, 3> waiting{{{events_.descriptor(), POLLIN, 0},
                                     {signals_.descriptor(), POLLIN, 0},
                                     {terminal_.has_keys() ? STDIN_FILENO : -1, POLLIN, 0}}};
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(refresh - Clock::now()).count();
      poll(waiting.data(), waiting.size(), static_cast<int>(std::max<std::int64_t>(0, left)));
      if (signals_.take() || is_left(waiting[2].revents)) return ExitStatus::kOk;
      if (waiting[0].revents == 0) continue;
      if (auto done = read_events(); !done) return std::unexpected(done.error());
    }
  }

 private:
  /// What happened before anybody looked. An older tedd does not know that.
  base::Result<void, ConnectionError> remember() {
    control::History history;
    if (!fetch(context_, control::Command::kHistory, history)) return {};
    for (control::Happening& one : history.happenings) {
      control::Event event{std::move(one.id), one.time, std::move(one.text), {}};
      if (one.rule) event.fields.emplace_back("rule", *one.rule);
      if (one.flow) event.fields.emplace_back("flow", one.flow->text());
      if (one.peer) event.fields.emplace_back("peer", one.peer->text());
      note(std::move(event));
    }
    return {};
  }

  base::Result<void, ConnectionError> ask_again() {
    if (auto done = fetch(context_, control::Command::kStatus, data_.status); !done) return done;
    return fetch(context_, control::Command::kTunnels, data_.tunnels);
  }

  base::Result<void, ConnectionError> read_events() {
    TED_TRY(const auto lines, events_.receive_ready());
    for (const std::string& line : lines) {
      if (auto event = control::decode_event(line)) note(*std::move(event));
    }
    return {};
  }

  void note(control::Event event) {
    if (data_.events.size() >= kMostEvents) data_.events.pop_front();
    data_.events.push_back(std::move(event));
  }

  /// What may have happened to the keys: pressed, or their terminal has gone.
  [[nodiscard]] static bool is_left(short events) {
    if (events == 0) return false;
    char key = 0;
    const auto length = read(STDIN_FILENO, &key, 1);
    return length <= 0 || key == 'q' || key == 'Q';
  }

  void show() const {
    const TerminalSize size = terminal_size().value_or(TerminalSize{});
    std::string text;
    for (const std::string& line : screen(data_, size, may_colour())) {
      text += (text.empty() ? "" : "\r\n") + line + "\x1b[K";
    }
    terminal_.show(text);
  }

  const Context& context_;
  Connection& events_;
  ScreenData data_;
  Signals signals_;
  ScreenTerminal terminal_;
};

}  // namespace

base::Result<ExitStatus, ConnectionError> watch_on_screen(const Context& context, Connection& events) {
  return Watch(context, events).run();
}

}  // namespace cli
