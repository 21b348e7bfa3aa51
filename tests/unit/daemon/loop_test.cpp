#include "daemon/loop.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace tedd {
namespace {

using std::chrono::milliseconds;

struct Pair {
  int near = -1;
  int far = -1;
  Pair() {
    int ends[2] = {};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) std::abort();
    near = ends[0];
    far = ends[1];
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    close(near);
    if (far >= 0) close(far);
  }
};

/// Ends a loop that waits for what never comes.
class Deadline {
 public:
  explicit Deadline(Loop& loop)
      : timer_(loop.timer([&loop, this] {
          passed_ = true;
          loop.stop();
        })) {
    timer_.arm(Loop::now() + std::chrono::seconds(5));
  }
  [[nodiscard]] bool passed() const { return passed_; }

 private:
  bool passed_ = false;
  Loop::Source timer_;
};

TEST(Loop, TimersFireInOrderAndNeverEarly) {
  Loop loop;
  const base::Instant start = Loop::now();
  std::string order;
  base::Instant fired{};
  auto late = loop.timer([&] {
    order += "late";
    fired = Loop::now();
    loop.stop();
  });
  auto early = loop.timer([&] { order += "early "; });
  auto never = loop.timer([&] { order += "never "; });
  late.arm(start + milliseconds(20));
  early.arm(start + milliseconds(5));
  never.arm(start + milliseconds(1));
  never.arm(std::nullopt);
  EXPECT_TRUE(loop.run());
  EXPECT_EQ(order, "early late");
  EXPECT_GE(fired, start + milliseconds(20));
}

TEST(Loop, ATimerIsArmedAgainFromItsOwnCallback) {
  Loop loop;
  int count = 0;
  Loop::Source timer;
  timer = loop.timer([&] {
    if (++count == 3) return loop.stop();
    timer.arm(Loop::now());
  });
  timer.arm(Loop::now());
  EXPECT_TRUE(loop.run());
  EXPECT_EQ(count, 3);
}

TEST(Loop, ASourceMayDropItselfFromItsCallback) {
  Loop loop;
  const Deadline deadline(loop);
  Pair pair;
  int calls = 0;
  Loop::Source source;
  source = loop.io(pair.near, [&](Loop::Readiness ready) {
    EXPECT_TRUE(ready.readable);
    ++calls;
    source = {};
    loop.stop();
  });
  ASSERT_EQ(write(pair.far, "x", 1), 1);
  EXPECT_TRUE(loop.run());
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(deadline.passed());
}

TEST(Loop, WritabilityIsToldWhenAskedFor) {
  Loop loop;
  const Deadline deadline(loop);
  Pair pair;
  auto source = loop.io(pair.near, [&](Loop::Readiness ready) {
    EXPECT_TRUE(ready.writable);
    EXPECT_FALSE(ready.readable);
    loop.stop();
  });
  source.want({.readable = true, .writable = true});
  EXPECT_TRUE(loop.run());
  EXPECT_FALSE(deadline.passed());
}

TEST(Loop, AHangUpIsToldEvenToWhoWantsNothing) {
  Loop loop;
  const Deadline deadline(loop);
  Pair pair;
  auto source = loop.io(pair.near, [&](Loop::Readiness ready) {
    EXPECT_TRUE(ready.readable);
    loop.stop();
  });
  source.want({});
  close(std::exchange(pair.far, -1));
  EXPECT_TRUE(loop.run());
  EXPECT_FALSE(deadline.passed());
}

TEST(Loop, SignalsComeAsCalls) {
  Loop loop;
  const Deadline deadline(loop);
  auto source = loop.signal(SIGUSR1, [&] { loop.stop(); });
  ASSERT_EQ(raise(SIGUSR1), 0);
  EXPECT_TRUE(loop.run());
  EXPECT_FALSE(deadline.passed());
}

TEST(Loop, ASourceThatTheSystemRefusesIsToldOf) {
  Loop loop;
  const int closed = ::dup(0);
  ::close(closed);
  EXPECT_THROW((void)loop.io(closed, {}), std::runtime_error);
  EXPECT_FALSE(loop.try_io(closed, {}));
  const auto first = loop.signal(SIGUSR2, [] {});
  EXPECT_THROW((void)loop.signal(SIGUSR2, [] {}), std::runtime_error);
}

TEST(Loop, AnExceptionOfACallbackComesOutOfTheLoop) {
  Loop loop;
  auto timer = loop.timer([] { throw std::runtime_error("no memory"); });
  timer.arm(Loop::now());
  EXPECT_THROW((void)loop.run(), std::runtime_error);
}

}  // namespace
}  // namespace tedd
