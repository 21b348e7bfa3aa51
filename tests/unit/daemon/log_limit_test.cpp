#include "daemon/log_limit.hpp"

#include <gtest/gtest.h>

namespace tedd {
namespace {

using std::chrono::milliseconds;
constexpr base::Instant kStart{std::chrono::hours(1)};

/// How many of `lines` at once are written.
int written(LogLimit& limit, std::string_view kind, int lines, base::Instant now) {
  int count = 0;
  for (int i = 0; i < lines; ++i) count += limit.admit(kind, now) ? 1 : 0;
  return count;
}

TEST(LogLimit, AFloodIsCutAndCounted) {
  LogLimit limit;
  EXPECT_EQ(written(limit, "TED-PROBE-DROPPED", 1000, kStart), 50);
  EXPECT_EQ(limit.admit("TED-PROBE-DROPPED", kStart + milliseconds(200)), 950U) << "told when it resumes";
  EXPECT_EQ(limit.admit("TED-PROBE-DROPPED", kStart + milliseconds(400)), 0U) << "once";
}

TEST(LogLimit, ItGoesOnSlowly) {
  LogLimit limit;
  EXPECT_EQ(written(limit, "TED-SEND", 1000, kStart), 50);
  EXPECT_EQ(written(limit, "TED-SEND", 1000, kStart + milliseconds(1001)), 5);
  EXPECT_EQ(written(limit, "TED-SEND", 1000, kStart + std::chrono::minutes(5)), 50);
}

TEST(LogLimit, OneKindHidesNoOther) {
  LogLimit limit;
  EXPECT_EQ(written(limit, "TED-PROBE-DROPPED", 1000, kStart), 50);
  EXPECT_EQ(limit.admit("TED-RESPONSE-REJECTED", kStart), 0U);
}

TEST(LogLimit, WhatWouldBeHeldBackIsCountedUnmade) {
  LogLimit limit;
  const base::Instant start{std::chrono::seconds(1)};
  for (int i = 0; i < static_cast<int>(LogLimit::kBurst); ++i) {
    EXPECT_FALSE(LogLimit::holds_back(limit.kind_of("a"), start));  // to ask takes nothing
    EXPECT_TRUE(limit.admit("a", start));
  }
  EXPECT_TRUE(LogLimit::holds_back(limit.kind_of("a"), start));
  EXPECT_TRUE(LogLimit::holds_back(limit.kind_of("a"), start));
  EXPECT_FALSE(LogLimit::holds_back(limit.kind_of("b"), start));
  EXPECT_EQ(limit.admit("a", start + std::chrono::seconds(1)), 2U);
}

}  // namespace
}  // namespace tedd
