// How an initiation is followed, told by a scripted charon, in virtual time.
#include <gtest/gtest.h>

#include "unit/vici/script_fixture.hpp"

namespace {

using namespace vici_lab;
using namespace std::chrono_literals;

const std::string kConnection = "opented-192.0.2.2";

class InitiationTest : public ScriptTest {
 protected:
  void SetUp() override {
    ScriptTest::SetUp();
    fake_.answer = [this](const FakeCharon::Asked& asked) -> std::optional<vici::Message> {
      if (asked.command != "initiate") return std::nullopt;
      ++tries_;
      heard_ += fake_.events.contains("log") ? 1 : 0;
      return on_try_ ? on_try_(tries_) : std::nullopt;
    };
  }

  void initiate() {
    const vici::Initiation what{.name = "opented-web",
                                .local = base::Address::v4(0xc0000201),
                                .peer = base::Address::v4(0xc0000202),
                                .local_ts = {"10.1.0.0/16"},
                                .remote_ts = {"10.2.0.0/16"},
                                .proposals = {}};
    charon().initiate(what, 25s, [this](const vici::InitiationResult& got) {
      told_.push_back(got ? std::string(name(got->failure)) + ": " + got->words : "up");
      told_at_ = now_;
    });
    ASSERT_TRUE(until([&] { return charon().initiations() == 0; }));
    run_out();
    EXPECT_TRUE(fake_.connections.empty()) << "unloaded";
    EXPECT_FALSE(fake_.events.contains("log")) << "heard no longer";
  }
  void works_on(std::uint32_t ike) { fake_.ikes[ike] = {.connection = kConnection, .active_tasks = {"CHILD_CREATE"}}; }

  std::function<std::optional<vici::Message>(int)> on_try_;
  int tries_ = 0;
  int heard_ = 0;  // tries with the log
  std::vector<std::string> told_;
  base::Instant told_at_{};
};

TEST_F(InitiationTest, SuccessIsNeitherHeardNorLookedAt) {
  on_try_ = [&](int) {
    fake_.add(1, {.connection = kConnection, .name = "opented-web"});
    return std::nullopt;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"up"});
  EXPECT_EQ(tries_, 1);
  EXPECT_EQ(heard_, 0);
  EXPECT_EQ(fake_.count("list-sas"), 0U);
}

TEST_F(InitiationTest, AFailureIsTriedAgainForItsReason) {
  on_try_ = [&](int) {
    works_on(7);
    fake_.log(7, "initiating IKE_SA opented-192.0.2.2[7] to 192.0.2.2");
    fake_.log(7, "received AUTHENTICATION_FAILED notify error");
    fake_.ikes.clear();
    return std::nullopt;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"auth_failed: received AUTHENTICATION_FAILED notify error"});
  EXPECT_EQ(tries_, 2);
  EXPECT_EQ(heard_, 1);
  EXPECT_EQ(told_at_.time_since_epoch(), vici::Attempt::kFirstPause);
}

// an IKE_SA whose CHILD_SA was refused stands, and the second try uses it; the peer's own is not ours to end
TEST_F(InitiationTest, WhatStaysHalfMadeGoes) {
  fake_.ikes[5] = {.connection = kConnection, .initiator = false};
  on_try_ = [&](int) {
    fake_.ikes[7] = {.connection = kConnection};
    fake_.log(7, "establishing CHILD_SA opented-web{3}");
    fake_.log(7, "received TS_UNACCEPTABLE notify, no CHILD_SA built");
    return std::nullopt;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"ts_unacceptable: received TS_UNACCEPTABLE notify, no CHILD_SA built"});
  EXPECT_EQ(tries_, 2);
  EXPECT_TRUE(fake_.ikes.contains(5));
  EXPECT_FALSE(fake_.ikes.contains(7));
}

// The plugin addrblock says what it takes out, and then somebody says that nothing is left. What the first try said of
// it, nobody heard.
TEST_F(InitiationTest, AddressBlocksThatCutTheSelectorsAreNamed) {
  on_try_ = [&](int) {
    fake_.ikes[7] = {.connection = kConnection};
    fake_.log(7, "establishing CHILD_SA opented-web{3}");
    fake_.log(8, "  TS 10.7.0.0/24 is not contained in any address block constraint");
    fake_.log(7, "  TS 10.1.0.0/24 is contained in address block constraint 10.1.0.0/16 (subset 10.1.0.0/24)");
    fake_.log(7, "  TS 10.2.0.0/24 is not contained in any address block constraint");
    fake_.log(7, "received TS_UNACCEPTABLE notify, no CHILD_SA built");
    return std::nullopt;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"ts_unacceptable: received TS_UNACCEPTABLE notify, no CHILD_SA built; "
                                            "TS 10.2.0.0/24 is not contained in any address block constraint"});
}

// charon's threads hand out two lines of one moment in either order
TEST_F(InitiationTest, TheCauseIsToldThoughTheLastWordCameFirst) {
  on_try_ = [&](int) {
    fake_.ikes[7] = {.connection = kConnection};
    fake_.log(7, "establishing CHILD_SA opented-web{3}");
    fake_.log(7, "failed to establish CHILD_SA, keeping IKE_SA");
    fake_.log(7, "received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built");
    return std::nullopt;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"no_proposal: received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built"});
}

TEST_F(InitiationTest, ALastWordWithoutACauseIsToldSoon) {
  on_try_ = [&](int) {
    fake_.ikes[7] = {.connection = kConnection};
    fake_.log(7, "establishing CHILD_SA opented-web{3}");
    fake_.log(7, "failed to establish CHILD_SA, keeping IKE_SA");
    return std::nullopt;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"other: failed to establish CHILD_SA, keeping IKE_SA"});
  EXPECT_EQ(told_at_.time_since_epoch(), vici::Attempt::kFirstPause + vici::Attempt::kSettle);
}

// charon works on it for long: its log is heard in time for the reason, and looking ends
TEST_F(InitiationTest, WhatTakesLongIsHeardAndTriedOnce) {
  on_try_ = [&](int) {
    works_on(7);
    return std::nullopt;
  };
  fake_.hold = [&](const FakeCharon::Asked& asked) {
    if (asked.command == "list-sas" && fake_.events.contains("log")) fake_.log(7, "giving up after 5 retransmits");
    return false;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"peer_unreachable: giving up after 5 retransmits"});
  EXPECT_EQ(tries_, 1);
  EXPECT_GT(told_at_.time_since_epoch(), vici::Attempt::kSlow);
  EXPECT_LT(told_at_.time_since_epoch(), 2 * vici::Attempt::kSlow);
  EXPECT_TRUE(fake_.ikes.empty());
}

TEST_F(InitiationTest, ASilentPeerIsTimeoutAfterFewLooks) {
  on_try_ = [&](int) {
    works_on(7);
    return std::nullopt;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"timeout: no answer from 192.0.2.2 in time"});
  EXPECT_EQ(told_at_.time_since_epoch(), 25s) << "in one time for all of it";
  EXPECT_EQ(tries_, 1);
  EXPECT_LE(fake_.count("list-sas"), 6U) << "five looks, and what is left to end";
  EXPECT_TRUE(fake_.ikes.empty());
}

// it failed between the last look but one and the first line that is heard
TEST_F(InitiationTest, AFailureJustBeforeTheLogIsHeardIsTriedAgain) {
  on_try_ = [&](int count) {
    works_on(7);
    if (count == 2) fake_.log(7, "initiating IKE_SA opented-192.0.2.2[7] to 192.0.2.2");
    if (count == 2) fake_.log(7, "received NO_PROPOSAL_CHOSEN notify error");
    return std::nullopt;
  };
  fake_.hold = [&](const FakeCharon::Asked& asked) {
    if (asked.command == "list-sas" && fake_.events.contains("log") && tries_ == 1) fake_.ikes.clear();
    return false;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"no_proposal: received NO_PROPOSAL_CHOSEN notify error"});
  EXPECT_EQ(tries_, 2);
}

TEST_F(InitiationTest, RefusedAtOnceIsTriedOnceMoreAndToldOnce) {
  on_try_ = [](int) { return refused("establishing CHILD_SA 'opented-web' failed"); };
  initiate();
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].find("establishing CHILD_SA 'opented-web' failed"), std::string::npos) << told_[0];
  EXPECT_EQ(tries_, 2);
  EXPECT_EQ(heard_, 1);
}

TEST_F(InitiationTest, TheSecondTryMaySucceed) {
  on_try_ = [&](int count) {
    if (count == 2) fake_.add(1, {.connection = kConnection, .name = "opented-web"});
    return std::nullopt;
  };
  initiate();
  EXPECT_EQ(told_, std::vector<std::string>{"up"});
}

// a connection that charon does not take needs no second try: its answer is the reason
TEST_F(InitiationTest, ARefusedConnectionIsToldAsItIs) {
  const auto before = fake_.answer;
  fake_.answer = [&, before](const FakeCharon::Asked& asked) {
    return asked.command == "load-conn" ? refused("invalid proposal") : before(asked);
  };
  on_try_ = [](int) { return refused("CHILD_SA config 'opented-web' not found"); };
  initiate();
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].find("load-conn"), std::string::npos) << told_[0];
  EXPECT_EQ(tries_, 1);
}

}  // namespace
