// CHILD_SAs that come, change and go, told by a scripted charon, in virtual time.
#include <algorithm>
#include <gtest/gtest.h>

#include "unit/vici/script_fixture.hpp"

namespace {

using namespace vici_lab;
using namespace std::chrono_literals;
using Event = FakeCharon::Event;
using Child = FakeCharon::Child;

const Child kTcp{.ike = 1, .local_ts = "10.1.0.0/16[tcp]", .remote_ts = "10.2.0.0/16[tcp]"};
/// The same, printed while another thread of charon printed something else.
const Child kMixedUp{.ike = 1, .local_ts = "10.1.0.0/16[tcp]", .remote_ts = "10.2.0.0/16[udp]"};

class FollowingTest : public ScriptTest {};

// a branch office's worth of peers comes back at once: each tunnel is told, and charon is asked little
TEST_F(FollowingTest, EachOfABurstIsTold) {
  for (std::uint32_t id = 1; id <= 1000; ++id) {
    Child child = kTcp;
    child.ike = id;
    fake_.add(id, child);
  }
  EXPECT_TRUE(until([&] { return heard().up.size() == 1000; })) << heard().up.size();
  EXPECT_LE(fake_.count("list-sas"), 20U);
}

TEST_F(FollowingTest, AReadingThatDisagreesIsMadeAgain) {
  fake_.children[1] = kTcp;
  fake_.tell(Event::kUp, 1, kMixedUp);
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  EXPECT_EQ(heard().up[0].remote_ts, std::vector<std::string>{kTcp.remote_ts});
}

TEST_F(FollowingTest, ATunnelThatCannotBeReadIsToldAllTheSame) {
  fake_.answer = [](const FakeCharon::Asked& asked) -> std::optional<vici::Message> {
    if (asked.command == "list-sas") return refused("no");
    return std::nullopt;
  };
  fake_.add(1, kTcp);
  EXPECT_TRUE(until([&] { return heard().up.size() == 1; }));
  EXPECT_EQ(fake_.count("list-sas"), 7U) << "after seven more readings";
}

TEST_F(FollowingTest, AnIkeSaThatIsRekeyedMeanwhileHidesNothing) {
  fake_.add(1, kTcp);
  fake_.children[1].ike = 9;
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  EXPECT_EQ(heard().up[0].ike_id, 9U);
}

TEST_F(FollowingTest, OneThatWentBeforeItWasReadIsNotTold) {
  fake_.tell(Event::kUp, 1, kTcp);
  fake_.tell(Event::kDown, 1, kTcp);
  run_out();
  EXPECT_TRUE(heard().up.empty());
  EXPECT_EQ(heard().down.size(), 1U);
}

// rekeyed before it was read, with charon's listing ahead of its events
TEST_F(FollowingTest, OneThatIsRekeyedBeforeItWasReadIsToldOnce) {
  fake_.tell(Event::kUp, 1, kTcp);
  run_out();
  EXPECT_TRUE(heard().up.empty()) << "charon does not list it any more";
  fake_.children[2] = kTcp;
  fake_.tell_rekeyed(1, 2, kMixedUp);
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  EXPECT_EQ(heard().up[0].child_id, 2U);
  EXPECT_EQ(heard().up[0].remote_ts, std::vector<std::string>{kTcp.remote_ts});
  EXPECT_TRUE(heard().rekeyed.empty());
}

TEST_F(FollowingTest, WhatARekeyingSaysIsReadAgain) {
  fake_.add(1, kTcp);
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  fake_.children = {{2, kTcp}};
  fake_.tell_rekeyed(1, 2, kMixedUp);
  ASSERT_TRUE(until([&] { return heard().rekeyed.size() == 1; }));
  EXPECT_EQ(heard().rekeyed[0].old_child_id, 1U);
  EXPECT_EQ(heard().rekeyed[0].now.remote_ts, std::vector<std::string>{kTcp.remote_ts});
}

TEST_F(FollowingTest, ARekeyingThatEndsUnreadIsTheEndOfTheOldOne) {
  fake_.add(1, kTcp);
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  fake_.tell_rekeyed(1, 2, kTcp);
  fake_.tell_rekeyed(2, 3, kTcp);
  fake_.tell(Event::kDown, 3, kTcp);
  ASSERT_TRUE(until([&] { return !heard().down.empty(); }));
  run_out();
  EXPECT_TRUE(heard().rekeyed.empty());
  ASSERT_EQ(heard().down.size(), 1U);
  EXPECT_EQ(heard().down[0].child_id, 1U);
}

TEST_F(FollowingTest, AListingIsReadUntilItAgrees) {
  fake_.children = {{1, {}}, {2, kMixedUp}, {3, kTcp}};
  std::optional<vici::Result<std::vector<vici::TunnelUp>>> listed;
  charon().list_sas([&](const auto& got) { listed = got; });
  ASSERT_TRUE(until([&] { return fake_.count("list-sas") == 1; }));
  fake_.children[2] = kTcp;
  ASSERT_TRUE(until([&] { return listed.has_value(); }));
  ASSERT_TRUE(*listed);
  ASSERT_EQ((*listed)->size(), 3U);
  for (const vici::TunnelUp& up : **listed) {
    EXPECT_EQ(up.remote_ts, std::vector<std::string>{up.child_id == 1 ? Child{}.remote_ts : kTcp.remote_ts});
  }
}

TEST_F(FollowingTest, AnEndThatIsRefusedIsAskedForAgain) {
  fake_.add(1, {});
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  int refusals = 3;
  fake_.answer = [&](const FakeCharon::Asked& asked) -> std::optional<vici::Message> {
    if (asked.command == "terminate" && refusals-- > 0) return refused("busy");
    return std::nullopt;
  };
  const base::Instant before = now_;
  charon().end_child(1, false);
  ASSERT_TRUE(until([&] { return heard().down.size() == 1; }));
  EXPECT_EQ(now_ - before, 100ms + 200ms + 400ms);
  run_out();
  EXPECT_EQ(fake_.count("terminate"), 4U);
  EXPECT_TRUE(heard().not_ended.empty());
}

TEST_F(FollowingTest, AnEndThatIsAlwaysRefusedIsGivenUpAndTold) {
  fake_.answer = [&](const FakeCharon::Asked& asked) -> std::optional<vici::Message> {
    if (asked.command == "terminate") return refused("busy");
    return std::nullopt;
  };
  charon().end_child(1, false);
  ASSERT_TRUE(until([&] { return heard().not_ended.size() == 1; }));
  run_out();
  EXPECT_EQ(fake_.count("terminate"), static_cast<std::size_t>(vici::Endings::kAttempts));
}

// The peer does not answer: charon takes the order, and the CHILD_SA stands.
TEST_F(FollowingTest, AnEndThatThePeerDoesNotAnswerIsForcedAndTakesItsIkeSaAlong) {
  fake_.add(1, {.ike = 7});
  fake_.add(2, {.ike = 8});
  ASSERT_TRUE(until([&] { return heard().up.size() == 2; }));
  fake_.answer = [&](const FakeCharon::Asked& asked) -> std::optional<vici::Message> {
    if (asked.command == "terminate" && asked.message.text("force") != "yes")
      return vici::Message().add("success", "yes");
    return std::nullopt;
  };
  const base::Instant before = now_;
  charon().end_child(2, false);
  ASSERT_TRUE(until([&] { return heard().down.size() == 1; }));
  EXPECT_EQ(heard().down.front().child_id, 2U);
  EXPECT_EQ(now_ - before, vici::Endings::kOrderly);
  run_out();
  EXPECT_EQ(fake_.count("terminate"), 2U);
  EXPECT_EQ(fake_.children.size(), 1U);
}

TEST_F(FollowingTest, AnEndByForceDoesNotWait) {
  fake_.add(1, {.ike = 7});
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  const base::Instant before = now_;
  charon().end_child(1, true);
  ASSERT_TRUE(until([&] { return heard().down.size() == 1; }));
  EXPECT_EQ(now_, before);
  EXPECT_EQ(fake_.asked.back().message.text("ike-id"), "7");
}

TEST_F(FollowingTest, ATunnelThatCharonKeepsAgainstAllOrdersIsTold) {
  fake_.add(1, {});
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  fake_.answer = [&](const FakeCharon::Asked& asked) -> std::optional<vici::Message> {
    if (asked.command == "terminate") return vici::Message().add("success", "yes");
    return std::nullopt;
  };
  charon().end_child(1, false);
  ASSERT_TRUE(until([&] { return heard().not_ended.size() == 1; }));
  run_out();
  EXPECT_EQ(fake_.count("terminate"), static_cast<std::size_t>(vici::Endings::kAttempts));
}

TEST_F(FollowingTest, WhatHasToGoGoesUnderItsNewNumber) {
  fake_.add(1, {});
  ASSERT_TRUE(until([&] { return heard().up.size() == 1; }));
  fake_.hold = [](const FakeCharon::Asked& asked) { return asked.command == "terminate"; };
  charon().end_child(1, false);
  ASSERT_TRUE(until([&] { return fake_.count("terminate") == 1; }));
  fake_.children = {{2, Child{}}};
  fake_.tell_rekeyed(1, 2, {});
  fake_.hold = nullptr;
  fake_.release();  // the first order met nothing
  EXPECT_TRUE(until([&] { return fake_.children.empty(); }));
  run_out();
  EXPECT_TRUE(heard().not_ended.empty());
}

// more orders than the queue to charon has places
TEST_F(FollowingTest, EachOfManyThatHaveToGoGoes) {
  for (std::uint32_t id = 1; id <= 1000; ++id) fake_.add(id, {});
  ASSERT_TRUE(until([&] { return heard().up.size() == 1000; }));
  for (std::uint32_t id = 1; id <= 1000; ++id) charon().end_child(id, false);
  EXPECT_TRUE(until([&] { return heard().down.size() == 1000; })) << heard().down.size();
  EXPECT_EQ(fake_.count("terminate"), 1000U);
}

TEST_F(FollowingTest, AllThatIsOursEndsInOneGo) {
  for (std::uint32_t id = 1; id <= 300; ++id) fake_.children[id] = {.ike = id};
  std::optional<bool> done;
  charon().terminate_all_own([&](const vici::Result<void>& ended) { done = ended.has_value(); });
  ASSERT_TRUE(until([&] { return done.has_value(); }));
  EXPECT_TRUE(*done);
  EXPECT_TRUE(fake_.children.empty());
}

TEST_F(FollowingTest, AConnectionThatIsOfNoUseIsMadeAnewAtGrowingPauses) {
  base::Duration last{};
  for (std::size_t clients = 2; clients < 9; ++clients) {
    const base::Instant before = now_;
    charon().reconnect("of no use");
    ASSERT_TRUE(until([&] { return !charon().is_connected(); }));
    ASSERT_TRUE(until([&] { return charon().is_connected(); }));
    EXPECT_EQ(fake_.clients, clients);
    EXPECT_GE(now_ - before, last);
    last = now_ - before;
  }
  EXPECT_EQ(last, 5s);
}

}  // namespace
