#include "daemon/reader_pace.hpp"

#include <gtest/gtest.h>

namespace tedd {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kStart{1h};

TEST(ReaderPace, AfterALongOneTheyRestAsLong) {
  ReaderPace<int> pace;
  EXPECT_FALSE(pace.is_taken(kStart));
  pace.took(kStart, kStart + 20ms);
  EXPECT_TRUE(pace.is_taken(kStart + 39ms));
  EXPECT_FALSE(pace.is_taken(kStart + 40ms));
  EXPECT_EQ(pace.until(), kStart + 40ms);
}

TEST(ReaderPace, ManyShortOnesAreAsDearAsALongOne) {
  ReaderPace<int> pace;
  base::Instant now = kStart;
  base::Duration spent{};
  while (now < kStart + 1s) {
    if (pace.is_taken(now)) {
      now = pace.until();
      continue;
    }
    pace.took(now, now + 900us);
    now += 900us;
    spent += 900us;
  }
  EXPECT_GT(spent, 490ms);
  EXPECT_LT(spent, 510ms);
}

TEST(ReaderPace, WhoComesWhileOthersWaitComesBehindThem) {
  ReaderPace<int> pace;
  pace.took(kStart, kStart + 20ms);
  pace.wait(1);
  pace.wait(2);
  const base::Instant rested = kStart + 1s;
  EXPECT_TRUE(pace.is_taken(rested)) << "it is their turn";
  EXPECT_EQ(pace.next(), 1);
  EXPECT_TRUE(pace.is_taken(rested));
  EXPECT_EQ(pace.next(), 2);
  EXPECT_FALSE(pace.is_taken(rested));
}

TEST(ReaderPace, WhoHasGoneHasNoTurn) {
  ReaderPace<int> pace;
  for (const int one : {1, 2, 3}) pace.wait(one);
  pace.leave(2);
  pace.leave(1);
  EXPECT_EQ(pace.next(), 3);
  EXPECT_FALSE(pace.waits());
  EXPECT_FALSE(pace.next());
}

}  // namespace
}  // namespace tedd
