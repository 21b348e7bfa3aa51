// Clients of every kind against the server, in one thread: the loop runs until a condition holds.
#include "daemon/control_server.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <grp.h>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <ranges>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "control/request.hpp"

namespace tedd {
namespace {

/// A tool's end of the connection; never blocks.
class Tool {
 public:
  explicit Tool(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;
  ~Tool() { leave(); }

  [[nodiscard]] bool connected() const { return connected_; }
  void say(std::string_view text) const {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  void say_no_more() const { ::shutdown(fd_, SHUT_WR); }
  void leave() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// Takes in what has come; heard() and closed() tell.
  void listen() {
    char buffer[65536];
    ssize_t length = 0;
    while ((length = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
      heard_.append(buffer, static_cast<std::size_t>(length));
    }
    if (length == 0 || errno == ECONNRESET) closed_ = true;
  }
  /// Some of it, which is not kept; 0: nothing has come.
  [[nodiscard]] std::size_t read_some(char* buffer, std::size_t most) const {
    const ssize_t length = ::recv(fd_, buffer, most, MSG_DONTWAIT);
    return length > 0 ? static_cast<std::size_t>(length) : 0;
  }
  [[nodiscard]] const std::string& heard() const { return heard_; }
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  int fd_;
  bool connected_ = false;
  bool closed_ = false;
  std::string heard_;
};

class ControlServerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "opented-control-" + std::to_string(::getpid());
    std::filesystem::create_directories(folder_);
    path_ = folder_ + "/tedd.sock";
    server_.emplace(
        loop_, [this](ClientId client, std::string_view line) { on_line(client, line); },
        [this](ClientId client) { gone_.push_back(client); });
    ASSERT_TRUE(server_->bind(path_));
    ASSERT_TRUE(server_->listen());
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// `later` is answered by the test, `stream` begins a stream, `BYTES` digits ask for so many bytes.
  void on_line(ClientId client, std::string_view line) {
    lines_.emplace_back(line);
    last_ = client;
    if (line == "later") return;
    if (line == "stream") server_->stream_to(client);
    if (!line.empty() && line[0] >= '0' && line[0] <= '9') {
      return server_->send(client, std::string(std::stoul(std::string(line)), 'x'));
    }
    server_->send(client, "answer to " + std::string(line));
  }

  /// Turns the loop until `done`; false after five seconds.
  bool until(const std::function<bool()>& done) {
    const base::Instant deadline = Loop::now() + std::chrono::seconds(5);
    while (!done()) {
      if (Loop::now() > deadline || !loop_.turn(std::chrono::milliseconds(1))) return false;
    }
    return true;
  }
  bool hears(Tool& tool, std::string_view what) {
    return until([&] {
      tool.listen();
      return tool.heard() == what;
    });
  }
  bool is_closed(Tool& tool) {
    return until([&] {
      tool.listen();
      return tool.closed();
    });
  }

  /// As many as there are places for, each of which is served.
  std::vector<std::unique_ptr<Tool>> on_all_places() {
    std::vector<std::unique_ptr<Tool>> tools;
    for (std::size_t i = 0; i < ClientPlaces::kMost; ++i) {
      tools.push_back(std::make_unique<Tool>(path_));
      tools.back()->say("one\n");
      EXPECT_TRUE(hears(*tools.back(), "answer to one\n")) << i;
    }
    return tools;
  }

  Loop loop_;
  std::string folder_;
  std::string path_;
  std::optional<ControlServer> server_;
  std::vector<std::string> lines_;
  std::vector<ClientId> gone_;
  ClientId last_{};
};

TEST_F(ControlServerTest, RootIsTrusted) {
  Tool tool(path_);
  tool.say("one\n");
  ASSERT_TRUE(hears(tool, "answer to one\n"));
  EXPECT_TRUE(server_->is_trusted(last_));
  EXPECT_FALSE(server_->is_trusted(ClientId{99}));
}

TEST_F(ControlServerTest, AMemberOfTheGroupMayOpenItAndIsNotTrusted) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  const gid_t group = 65534;
  const struct group* const named = ::getgrgid(group);
  ASSERT_NE(named, nullptr);
  server_.emplace(loop_, [this](ClientId client, std::string_view line) { on_line(client, line); }, [](ClientId) {});
  std::filesystem::permissions(folder_, std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
  ASSERT_TRUE(server_->bind(path_, named->gr_name));
  ASSERT_TRUE(server_->listen());
  for (const bool member : {true, false}) {
    const pid_t child = ::fork();
    if (child == 0) {
      const bool other = ::setgroups(0, nullptr) == 0 && ::setgid(member ? group : 12345) == 0 && ::setuid(12345) == 0;
      Tool tool(path_);
      if (!other || !tool.connected()) ::_exit(7);
      tool.say("look\n");
      while (tool.heard().empty() && !tool.closed()) tool.listen();
      ::_exit(tool.heard() == "answer to look\n" ? 0 : 8);
    }
    std::optional<bool> trusted;
    int status = -1;
    ASSERT_TRUE(until([&] {
      if (!lines_.empty() && !trusted) trusted = server_->is_trusted(last_);
      return ::waitpid(child, &status, WNOHANG) == child;
    }));
    EXPECT_EQ(WEXITSTATUS(status), member ? 0 : 7);
    EXPECT_EQ(trusted, member ? std::optional(false) : std::nullopt);
    lines_.clear();
  }
}

TEST_F(ControlServerTest, AGroupThatIsNotThereIsNamed) {
  EXPECT_EQ(ControlServer::fault_of_readers(""), std::nullopt);
  EXPECT_EQ(ControlServer::fault_of_readers("root"), std::nullopt);
  EXPECT_NE(ControlServer::fault_of_readers("no-such-group").value_or("").find("groupadd"), std::string::npos);
  ControlServer other(loop_, [](ClientId, std::string_view) {}, [](ClientId) {});
  EXPECT_TRUE(other.bind(path_ + "2", "no-such-group"));
}

TEST_F(ControlServerTest, LinesAreAnsweredInOrderHoweverTheyAreCut) {
  Tool tool(path_);
  tool.say("on");
  ASSERT_TRUE(loop_.turn(std::chrono::milliseconds(100)));  // it is accepted
  ASSERT_TRUE(loop_.turn(std::chrono::milliseconds(100)));  // and read
  tool.say("e\ntwo\nthr");
  tool.say("ee\n");
  EXPECT_TRUE(hears(tool, "answer to one\nanswer to two\nanswer to three\n"));
  EXPECT_FALSE(tool.closed());
}

TEST_F(ControlServerTest, WhoSaysNoMoreIsAnsweredAndClosed) {
  Tool tool(path_);
  tool.say("one\ntwo\n");
  tool.say_no_more();
  EXPECT_TRUE(is_closed(tool));
  EXPECT_EQ(tool.heard(), "answer to one\nanswer to two\n");
  EXPECT_EQ(gone_.size(), 1U);
}

TEST_F(ControlServerTest, AnAnswerThatComesLaterIsWaitedFor) {
  Tool tool(path_);
  tool.say("later\none\n");
  tool.say_no_more();
  EXPECT_TRUE(hears(tool, "answer to one\n"));
  tool.listen();
  EXPECT_FALSE(tool.closed());
  server_->send(last_, "here it is");
  EXPECT_TRUE(is_closed(tool));
  EXPECT_EQ(tool.heard(), "answer to one\nhere it is\n");
}

TEST_F(ControlServerTest, AStreamGoesOnToWhoSaysNoMore) {
  Tool tool(path_);
  tool.say("stream\n");
  tool.say_no_more();
  EXPECT_TRUE(hears(tool, "answer to stream\n"));
  server_->send(last_, "first");
  server_->send(last_, "second");
  EXPECT_TRUE(hears(tool, "answer to stream\nfirst\nsecond\n"));
  EXPECT_FALSE(tool.closed());
  tool.leave();
  EXPECT_TRUE(until([&] { return gone_.size() == 1; })) << "until it goes";
}

TEST_F(ControlServerTest, AnAnswerOfAnySizeReachesWhoSaysNoMore) {
  Tool tool(path_);
  tool.say("5000000\n");
  tool.say_no_more();
  EXPECT_TRUE(is_closed(tool));
  EXPECT_EQ(tool.heard().size(), 5'000'001U);
}

TEST_F(ControlServerTest, AnEndlessLineEndsTheClient) {
  Tool tool(path_);
  const std::string part(4096, 'x');
  for (std::size_t said = 0; said <= control::kMaxRequestLine; said += part.size()) {
    tool.say(part);
    ASSERT_TRUE(loop_.turn(std::chrono::milliseconds(100)));
  }
  EXPECT_TRUE(is_closed(tool));
  EXPECT_TRUE(lines_.empty());
}

TEST_F(ControlServerTest, MoreClientsThanAreServedAreClosed) {
  auto tools = on_all_places();
  Tool surplus(path_);
  EXPECT_TRUE(is_closed(surplus));
  tools.pop_back();
  ASSERT_TRUE(until([&] { return gone_.size() == 1; }));
  Tool again(path_);
  again.say("one\n");
  EXPECT_TRUE(hears(again, "answer to one\n")) << "room again";
}

TEST_F(ControlServerTest, WhoMayOnlyLookLeavesPlacesForRootAndForOthers) {
  ClientPlaces places;
  const uid_t root = 0;
  for (uid_t reader = 1; reader <= 4; ++reader) {
    std::size_t taken = 0;
    for (; !places.fault(reader, false); ++taken) places.take(reader, false);
    EXPECT_EQ(taken, reader < 4 ? ClientPlaces::kOfReader : 0U) << reader;
  }
  for (std::size_t i = 0; i < ClientPlaces::kKept; ++i) {
    ASSERT_FALSE(places.fault(root, true));
    places.take(root, true);
  }
  EXPECT_TRUE(places.fault(root, true));
  places.leave(1, false);
  EXPECT_FALSE(places.fault(4, false)) << "a place is a place again";
  EXPECT_TRUE(places.fault(2, false));
}

TEST_F(ControlServerTest, ManySilentClientsOfAReaderDoNotLockRootOut) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  std::vector<std::string> troubles;
  server_.emplace(
      loop_, [this](ClientId client, std::string_view line) { on_line(client, line); }, [](ClientId) {},
      [&](std::string what) { troubles.push_back(std::move(what)); });
  const gid_t group = 65534;
  std::filesystem::permissions(folder_, std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
  ASSERT_TRUE(server_->bind(path_, ::getgrgid(group)->gr_name));
  ASSERT_TRUE(server_->listen());
  int done[2];
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(done[1]);
    const bool other = ::setgroups(0, nullptr) == 0 && ::setgid(group) == 0 && ::setuid(12345) == 0;
    std::vector<std::unique_ptr<Tool>> silent;
    for (std::size_t i = 0; other && i < ClientPlaces::kMost; ++i) silent.push_back(std::make_unique<Tool>(path_));
    char nothing = 0;
    ::_exit(other && ::read(done[0], &nothing, 1) == 0 ? 0 : 1);  // when the other end goes
  }
  ::close(done[0]);
  EXPECT_TRUE(until([&] { return server_->refused() > 0; }));
  std::optional<Tool> tool;  // it does not wait for those that knocked before it
  ASSERT_TRUE(until([&] { return tool.emplace(path_).connected(); }));
  tool->say("one\n");
  EXPECT_TRUE(hears(*tool, "answer to one\n"));
  ASSERT_FALSE(troubles.empty());
  EXPECT_NE(troubles.front().find("user 12345 has 16 connections"), std::string::npos) << troubles.front();
  ::close(done[1]);
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(ControlServerTest, WhoIsRefusedIsToldWhy) {
  const auto tools = on_all_places();
  Tool surplus(path_);
  surplus.say("one\n");
  EXPECT_TRUE(is_closed(surplus));
  EXPECT_NE(surplus.heard().find("tedd has no room for one more client"), std::string::npos) << surplus.heard();
  EXPECT_EQ(server_->refused(), 1U);
}

TEST_F(ControlServerTest, WhoEndsNoLineInTimeIsClosedAndWhoHasNothingToSayIsNot) {
  std::vector<std::string> troubles;
  server_.emplace(
      loop_, [this](ClientId client, std::string_view line) { on_line(client, line); }, [](ClientId) {},
      [&](std::string what) { troubles.push_back(std::move(what)); }, std::chrono::milliseconds(200));
  ASSERT_TRUE(server_->bind(path_));
  ASSERT_TRUE(server_->listen());
  Tool idle(path_);
  idle.say("one\n");
  ASSERT_TRUE(hears(idle, "answer to one\n"));
  Tool silent(path_);
  Tool unfinished(path_);
  unfinished.say("one\ntw");
  EXPECT_TRUE(is_closed(silent));
  EXPECT_TRUE(is_closed(unfinished));
  EXPECT_EQ(server_->unfinished(), 2U);
  EXPECT_EQ(troubles.size(), 2U);
  idle.say("two\n");
  EXPECT_TRUE(hears(idle, "answer to one\nanswer to two\n"));
}

TEST_F(ControlServerTest, LastWordsReachWhoReadsSlowly) {
  Tool tool(path_);
  tool.say("5000000\n");
  ASSERT_TRUE(until([&] { return !lines_.empty(); }));
  std::thread reader([&] {
    while (!tool.closed()) tool.listen();
  });
  server_->close_all();
  reader.join();
  EXPECT_EQ(tool.heard().size(), 5'000'001U);
}

TEST_F(ControlServerTest, WhoNeverReadsHoldsNobodyUp) {
  Tool tool(path_);
  tool.say("5000000\n");
  ASSERT_TRUE(until([&] { return !lines_.empty(); }));
  const base::Instant before = Loop::now();
  server_->close_all();
  EXPECT_LT(Loop::now() - before, std::chrono::seconds(3));
  EXPECT_EQ(gone_.size(), 1U);
}

TEST_F(ControlServerTest, AStreamThatNobodyReadsIsClosedAndCounted) {
  Tool tool(path_);
  tool.say("stream\n");
  ASSERT_TRUE(until([&] { return !lines_.empty(); }));
  const std::string event(1024, 'x');
  std::size_t sent = 0;
  while (gone_.empty() && sent < 2 * ControlServer::kMaxUnread) {
    server_->send(last_, event);
    sent += event.size() + 1;
  }
  EXPECT_EQ(gone_.size(), 1U);
  EXPECT_EQ(server_->dropped(), 1U);
  EXPECT_GT(sent, ControlServer::kMaxUnread);
}

// who asks for much and reads late gets all of it, and nothing is made ready far ahead
TEST_F(ControlServerTest, WhoDoesNotReadIsNotRead) {
  for (const bool more : {true, false}) {
    lines_.clear();
    Tool tool(path_);
    for (int i = 0; i < 10; ++i) tool.say("5000000\n");
    if (!more) tool.say_no_more();
    ASSERT_TRUE(until([&] { return !lines_.empty(); }));
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(loop_.turn(std::chrono::milliseconds(1)));
    EXPECT_EQ(lines_.size(), 1U);
    EXPECT_TRUE(until([&] {
      tool.listen();
      return tool.heard().size() == 50'000'010U && (more || tool.closed());
    }));
    EXPECT_EQ(tool.closed(), !more);
  }
  EXPECT_EQ(server_->dropped(), 0U);
}

TEST_F(ControlServerTest, AllTogetherAreKeptOnlySoMuch) {
  std::vector<std::unique_ptr<Tool>> tools;
  for (std::size_t owed = 0; owed <= ControlServer::kMaxUnreadInAll + 20'000'000; owed += 5'000'000) {
    tools.push_back(std::make_unique<Tool>(path_));
    tools.back()->say("5000000\n");
    ASSERT_TRUE(until([&] { return lines_.size() == tools.size(); }));
  }
  EXPECT_GT(server_->dropped(), 0U);
  Tool modest(path_);
  modest.say("one\n");
  EXPECT_TRUE(hears(modest, "answer to one\n"));
}

TEST_F(ControlServerTest, WhoSaysManyLinesAtOnceLeavesOthersTheirTurn) {
  constexpr std::size_t many = 500;
  Tool greedy(path_);
  std::string lines;
  for (std::size_t i = 0; i < many; ++i) lines += "one\n";
  greedy.say(lines);
  ASSERT_TRUE(until([&] { return !lines_.empty(); }));
  Tool modest(path_);
  modest.say("two\n");
  EXPECT_TRUE(hears(modest, "answer to two\n"));
  EXPECT_LT(lines_.size(), 20U) << "lines that were heard before";
  greedy.say_no_more();
  EXPECT_TRUE(is_closed(greedy));
  EXPECT_EQ(greedy.heard().size(), many * std::string("answer to one\n").size());
  EXPECT_EQ(lines_.size(), many + 1);
}

/// As another user: who may only look.
std::unique_ptr<Tool> reader_at(const std::string& path) {
  std::filesystem::permissions(path, std::filesystem::perms::all);
  EXPECT_EQ(::seteuid(12345), 0);
  auto tool = std::make_unique<Tool>(path);
  EXPECT_EQ(::seteuid(0), 0);
  EXPECT_TRUE(tool->connected());
  return tool;
}

TEST_F(ControlServerTest, WhoMayOnlyLookHasHalfOfTheLoopsTimeAtMost) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  constexpr base::Duration dear = std::chrono::milliseconds(20);
  struct Heard {
    ClientId client;
    base::Instant began;
    base::Instant ended;
  };
  std::vector<Heard> heard;
  server_.emplace(
      loop_,
      [&](ClientId client, std::string_view line) {
        const base::Instant began = Loop::now();
        if (!server_->is_trusted(client)) {
          while (Loop::now() < began + dear) {
          }
          heard.push_back({client, began, Loop::now()});
        }
        on_line(client, line);
      },
      [](ClientId) {});
  ASSERT_TRUE(server_->bind(path_));
  ASSERT_TRUE(server_->listen());
  std::vector<std::unique_ptr<Tool>> readers;
  for (int i = 0; i < 3; ++i) readers.push_back(reader_at(path_));
  for (const auto& reader : readers) reader->say("one\none\none\none\n");
  ASSERT_TRUE(until([&] { return heard.size() == 2; }));
  Tool root(path_);
  root.say("one\n");
  EXPECT_TRUE(hears(root, "answer to one\n"));
  EXPECT_LE(heard.size(), 3U) << "root waits for one of them at most";
  for (const auto& reader : readers) {
    EXPECT_TRUE(hears(*reader, "answer to one\nanswer to one\nanswer to one\nanswer to one\n"));
  }
  ASSERT_EQ(heard.size(), 12U);
  std::map<ClientId, std::size_t> of_each;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    ++of_each[heard[i].client];
    const auto [least, most] = std::ranges::minmax(of_each | std::views::values);
    EXPECT_LE(most - (of_each.size() < readers.size() ? 0 : least), 2U) << "each has its turn";
    if (i > 0) {
      EXPECT_GE(heard[i].began - heard[i - 1].ended, dear) << i;
    }
  }
}

TEST_F(ControlServerTest, WhoLeavesBeforeItsTurnHoldsNobodyUp) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  server_.emplace(
      loop_,
      [&](ClientId client, std::string_view line) {
        const base::Instant began = Loop::now();
        while (Loop::now() < began + std::chrono::milliseconds(50)) {
        }
        on_line(client, line);
      },
      [this](ClientId client) { gone_.push_back(client); });
  ASSERT_TRUE(server_->bind(path_));
  ASSERT_TRUE(server_->listen());
  const auto first = reader_at(path_);
  first->say("one\n");
  ASSERT_TRUE(until([&] { return lines_.size() == 1; }));
  for (int i = 0; i < 3; ++i) {
    const auto leaves = reader_at(path_);
    leaves->say("two\n");
  }
  const auto last = reader_at(path_);
  last->say("three\n");
  EXPECT_TRUE(hears(*last, "answer to three\n"));
  EXPECT_EQ(gone_.size(), 3U);
}

// what is sent in many pieces is not moved as often
TEST_F(ControlServerTest, WhoReadsALittleAtATimeIsNotCostly) {
  Tool tool(path_);
  tool.say("60000000\n");
  ASSERT_TRUE(until([&] { return !lines_.empty(); }));
  std::clock_t spent = 0;
  std::size_t heard = 0;
  while (heard < 60'000'001U) {
    char buffer[10000];
    const std::size_t got = tool.read_some(buffer, sizeof buffer);
    heard += got;
    const std::clock_t before = std::clock();
    if (got == 0) {
      ASSERT_TRUE(loop_.turn(std::chrono::milliseconds(100)));
    }
    spent += std::clock() - before;
  }
  EXPECT_LT(static_cast<double>(spent) / CLOCKS_PER_SEC, 1) << "seconds of this process";
}

// as when all descriptors are taken by others: who waits is served when one is there again
TEST_F(ControlServerTest, WithoutADescriptorItWaitsAndSaysSoOnce) {
  std::vector<std::string> troubles;
  server_.emplace(
      loop_, [this](ClientId client, std::string_view line) { on_line(client, line); },
      [this](ClientId client) { gone_.push_back(client); },
      [&](std::string what) { troubles.push_back(std::move(what)); });
  ASSERT_TRUE(server_->bind(path_));
  ASSERT_TRUE(server_->listen());
  for (const std::size_t times : {1U, 2U}) {
    Tool tool(path_);
    tool.say("one\n");
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = ::dup(STDERR_FILENO);
    ASSERT_GE(next, 0);
    ::close(next);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    std::size_t turns = 0;
    for (const base::Instant end = Loop::now() + 5 * ControlServer::kAcceptAgain; Loop::now() < end; ++turns) {
      ASSERT_TRUE(loop_.turn(ControlServer::kAcceptAgain / 2));
    }
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_LT(turns, 50U) << "it spins";
    ASSERT_EQ(troubles.size(), times);
    EXPECT_NE(troubles.back().find("Too many open files"), std::string::npos) << troubles.back();
    EXPECT_TRUE(hears(tool, "answer to one\n"));
    tool.leave();
    ASSERT_TRUE(until([&] { return gone_.size() == times; })) << "its descriptor would be free next time";
  }
}

TEST_F(ControlServerTest, OneThatDoesNotAcceptIsThereAllTheSame) {
  const std::string busy = folder_ + "/busy.sock";
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  busy.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(fd, 0), 0);
  std::vector<std::unique_ptr<Tool>> waiting;
  do waiting.push_back(std::make_unique<Tool>(busy));
  while (waiting.back()->connected() && waiting.size() < 100);
  ASSERT_FALSE(waiting.back()->connected()) << "no room is left to wait in";
  EXPECT_TRUE(ControlServer::is_served(busy));
  ControlServer second(loop_, {}, {});
  EXPECT_FALSE(second.bind(busy));
  ::close(fd);
}

TEST_F(ControlServerTest, ASocketThatNobodyServesIsReplacedAndALiveOneIsNot) {
  ControlServer second(loop_, {}, {});
  const auto refused = second.bind(path_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("another tedd is running"), std::string::npos) << refused.error();
  EXPECT_TRUE(ControlServer::is_served(path_));
  const std::string stale = folder_ + "/stale.sock";
  {
    // A killed daemon leaves its file.
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_GE(fd, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    stale.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(fd);
  }
  EXPECT_FALSE(ControlServer::is_served(stale));
  EXPECT_TRUE(second.bind(stale));
  EXPECT_EQ(std::filesystem::status(stale).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ControlServerTest, APathThatCannotBeBoundIsNamed) {
  ControlServer second(loop_, {}, {});
  EXPECT_NE(second.bind(folder_ + "/none/tedd.sock").error().find("does its folder exist?"), std::string::npos);
  EXPECT_NE(second.bind(folder_ + "/" + std::string(200, 'x')).error().find("File name too long"), std::string::npos);
}

}  // namespace
}  // namespace tedd
