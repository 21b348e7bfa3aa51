// The routing rules of tedd, in a namespace of its own; skips by name without the right to make one.
#include "daemon/routing_rules.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "support/netns.hpp"

namespace tedd {
namespace {

using std::chrono::seconds;

constexpr std::uint32_t kMark = 0x3ed;

class RoutingRulesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!space_.valid()) GTEST_SKIP() << "no right to make a network namespace";
    there_.emplace(space_);
  }

  /// How many rules there are for which `ip rule show` with these words finds one, in both families.
  static int count(const std::string& words) {
    int found = 0;
    for (const char* family : {"-4", "-6"}) {
      const std::string command = std::string("test -n \"$(ip ") + family + " rule show " + words + ")\"";
      found += std::system(command.c_str()) == 0 ? 1 : 0;
    }
    return found;
  }
  static int beside() { return count("pref 218 fwmark 0x40000000/0x40000000 | grep 'goto 221 proto 84$'"); }
  static int landing() { return count("pref 221 | grep 'nop proto 84$'"); }
  static int hiding() { return count("pref 218 | grep 'lookup main'"); }
  static void leave_as_earlier_versions() {
    for (const char* family : {"-4 ", "-6 "}) {
      ASSERT_TRUE(
          support::ip(std::string(family) + "rule add pref 218 fwmark 0x40000000/0x40000000 lookup main proto 84"));
    }
  }

  support::Namespace space_ = support::Namespace::make();
  std::optional<support::Inside> there_;
  base::Instant now_{};
};

TEST_F(RoutingRulesTest, TheyComeWithTheFirstTunnelAndGoWithTheProcess) {
  {
    RoutingRules rules;
    ASSERT_TRUE(rules.open(kMark));
    rules.adopt_found();
    EXPECT_EQ(beside() + landing(), 0);
    EXPECT_TRUE(rules.keep_beside(now_));
    EXPECT_EQ(beside(), 2);
    EXPECT_EQ(landing(), 2);
    EXPECT_TRUE(rules.keep_beside(now_)) << "which changes nothing";
    EXPECT_EQ(rules.retry_deadline(), std::nullopt);
  }
  EXPECT_EQ(beside() + landing() + count("pref 219"), 0);
}

TEST_F(RoutingRulesTest, TheOlderFormThatHidRulesBehindItIsReplaced) {
  leave_as_earlier_versions();
  RoutingRules rules;
  ASSERT_TRUE(rules.open(kMark));
  rules.adopt_found();
  EXPECT_EQ(hiding(), 2) << "what a killed tedd left goes on working";
  EXPECT_TRUE(rules.keep_beside(now_));
  EXPECT_EQ(beside(), 2);
  EXPECT_EQ(hiding(), 0);
}

TEST_F(RoutingRulesTest, WhatAKilledOneLeftGoesWhereNothingIsKeptOut) {
  leave_as_earlier_versions();
  ASSERT_TRUE(support::ip("rule add pref 218 fwmark 0x40000000/0x40000000 goto 221 proto 84"));
  ASSERT_TRUE(support::ip("rule add pref 221 nop proto 84"));
  ASSERT_TRUE(support::ip("rule add pref 221 lookup 7"));
  RoutingRules rules;
  ASSERT_TRUE(rules.open(kMark));
  rules.adopt_found();
  EXPECT_TRUE(rules.leave_beside());
  EXPECT_EQ(beside() + landing() + hiding(), 0);
  EXPECT_EQ(count("pref 221"), 1) << "somebody else's stays";
  EXPECT_TRUE(rules.keep_beside(now_));
  EXPECT_EQ(beside() + landing(), 4) << "when it comes to it later all the same";
}

TEST_F(RoutingRulesTest, WhatAKilledOneLeftGoesWithOneThatNeverHadATunnel) {
  leave_as_earlier_versions();
  {
    RoutingRules rules;
    ASSERT_TRUE(rules.open(kMark));
  }
  EXPECT_EQ(hiding(), 2) << "it may be another's that runs";
  {
    RoutingRules rules;
    ASSERT_TRUE(rules.open(kMark));
    rules.adopt_found();
  }
  EXPECT_EQ(hiding(), 0);
}

TEST_F(RoutingRulesTest, EachThatOthersDeleteIsPutBack) {
  RoutingRules rules;
  ASSERT_TRUE(rules.open(kMark));
  ASSERT_TRUE(rules.keep_beside(now_));
  for (const char* priority : {"218", "219", "221"}) {
    ASSERT_TRUE(support::ip(std::string("rule del pref ") + priority));
    const auto repairs = rules.repair(now_);
    ASSERT_EQ(repairs.done.size(), 1U);
    EXPECT_NE(repairs.done.front().find(priority), std::string::npos) << repairs.done.front();
    EXPECT_EQ(repairs.failed, std::nullopt);
    EXPECT_EQ(count(std::string("pref ") + priority), 2);
    now_ += seconds(1);
  }
}

TEST_F(RoutingRulesTest, OneThatIsRefusedIsTriedAgainEverLaterAndToldEachTime) {
  bool refuses = false;
  int tried = 0;
  RoutingRules rules([&](const inject::Marked& marked) -> base::Result<inject::MarkRule, inject::Error> {
    ++tried;
    if (refuses) return std::unexpected(inject::Error{inject::ErrorCode::kRoutingRule, ENOMEM});
    return inject::MarkRule::install(marked);
  });
  ASSERT_TRUE(rules.open(kMark));
  refuses = true;
  EXPECT_FALSE(rules.keep_beside(now_));
  tried = 0;
  for (const int pause : {1, 2, 4, 8, 16, 32, 32}) {
    ASSERT_EQ(rules.retry_deadline(), now_ + seconds(pause));
    EXPECT_TRUE(rules.keep_beside(now_)) << "was told, and is on its way";
    now_ += seconds(pause) - std::chrono::milliseconds(1);
    EXPECT_EQ(rules.repair(now_).failed, std::nullopt) << "not yet";
    now_ += std::chrono::milliseconds(1);
    EXPECT_TRUE(rules.repair(now_).failed);
  }
  EXPECT_EQ(tried, 7);
  refuses = false;
  now_ += seconds(32);
  const auto repairs = rules.repair(now_);
  EXPECT_EQ(repairs.failed, std::nullopt);
  EXPECT_EQ(repairs.done.size(), 1U);
  EXPECT_EQ(rules.retry_deadline(), std::nullopt);
  EXPECT_EQ(beside() + landing(), 4);
}

TEST_F(RoutingRulesTest, OfTwoRulesNoneStaysAlone) {
  RoutingRules rules([](const inject::Marked& marked) -> base::Result<inject::MarkRule, inject::Error> {
    if (marked.priority == 218) return std::unexpected(inject::Error{inject::ErrorCode::kRoutingRule, EINVAL});
    return inject::MarkRule::install(marked);
  });
  ASSERT_TRUE(rules.open(kMark));
  EXPECT_FALSE(rules.keep_beside(now_));
  EXPECT_EQ(landing(), 0);
}

}  // namespace
}  // namespace tedd
