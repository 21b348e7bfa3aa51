// With certificates: what the engine hears of a tunnel, and when, while charon is asked who its peer is.
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "daemon/ike.hpp"
#include "daemon/loop.hpp"
#include "unit/pki/authority.hpp"
#include "unit/vici/fake_charon.hpp"

namespace {

using namespace vici_lab;
using namespace std::chrono_literals;

const std::string kPeer = "gw-b.example";

class JudgingTest : public testing::Test {
 protected:
  void SetUp() override {
    config_.ike.socket = fake_.path();
    config_.ike.auth = config::Auth::kCert;
    config_.gateway.addresses = {base::Address::v4(0xc0000201)};
    fake_.certificates = {text_of(peer_.certificate)};
    ike_ = std::make_unique<tedd::Ike>(config_, credentials(),
                                       tedd::Ike::Handlers{.event = [this](const engine::Event& event) { on(event); },
                                                           .ready = [this](bool ready) { ready_.push_back(ready); }});
    policy::Rule rule;
    rule.local = {base::MaskedAddress::parse("10.1.0.0/16").value()};
    rule.remote = {base::MaskedAddress::parse("10.0.0.0/8").value()};
    ike_->offer(std::make_shared<const policy::Snapshot>(std::vector{rule}));
  }

  // charon's certificates are judged by the machine's clock.
  static pki::Wanted wanted(const std::string& name, std::initializer_list<const char*> prefixes) {
    pki::Wanted what = pki::wanted(name);
    what.dns_names = {name};
    what.blocks = pki::blocks(prefixes);
    what.not_before = tedd::certificate_time() - 1h;
    what.not_after = tedd::certificate_time() + 24h;
    return what;
  }
  static std::string text_of(const pki::Certificate& one) { return {one.der().begin(), one.der().end()}; }

  [[nodiscard]] tedd::Credentials credentials() const {
    pki::Holder own = issued(wanted("gw-a.example", {"10.1.0.0/16"}), ca_);
    return {.secret = {},
            .certificates = std::make_shared<const pki::Credentials>(
                pki::Credentials{{own.certificate}, std::move(own.key), pki::trusting({&ca_}), "gw-a.example"})};
  }

  void on(const engine::Event& event) {
    if (const auto* up = std::get_if<engine::TunnelUp>(&event)) {
      said_.push_back("up " + number(up->id) + " " + up->authorisation->allowed.text());
    } else if (const auto* rekeyed = std::get_if<engine::TunnelRekeyed>(&event)) {
      said_.push_back("rekeyed " + number(rekeyed->before) + " to " + number(rekeyed->now.id));
    } else if (const auto* down = std::get_if<engine::TunnelDown>(&event)) {
      said_.push_back("down " + number(down->id));
    } else if (const auto* judged = std::get_if<engine::TunnelAuthorised>(&event)) {
      said_.push_back("judged " + number(judged->id) + " " + judged->authorisation.allowed.text());
    } else if (std::holds_alternative<engine::BringUpFailed>(event)) {
      said_.emplace_back("failed");
    }
  }
  static std::string number(engine::TunnelId id) { return std::to_string(static_cast<std::uint64_t>(id)); }

  bool until(const std::function<bool()>& condition) {
    const base::Instant end = tedd::Loop::now() + 10s;
    while (!condition()) {
      if (tedd::Loop::now() > end) return false;
      fake_.turn();
      ike_->charon().on_readable();
      const auto deadline = ike_->charon().next_deadline();
      if (deadline && *deadline <= tedd::Loop::now()) ike_->charon().on_deadline(tedd::Loop::now());
    }
    return true;
  }
  /// A CHILD_SA is there, and charon has been asked for its peer's certificates and has not answered.
  void ask(std::uint32_t id, const std::string& name = "rule-0") {
    ASSERT_TRUE(until([&] { return !ready_.empty() && ready_.back(); }));
    fake_.hold = [](const FakeCharon::Asked& asked) { return asked.command == "list-certs"; };
    fake_.add(id, {.name = name, .peer_id = kPeer});
    ASSERT_TRUE(until([&] { return fake_.count("list-certs") > 0; }));
    EXPECT_EQ(said_, Said{});
  }
  /// charon has been asked for a peer's certificates, and answers when answer() lets it.
  void leave_unanswered() {
    fake_.hold = [](const FakeCharon::Asked& asked) { return asked.command == "list-certs"; };
    ASSERT_TRUE(until([&] { return fake_.count("list-certs") > 0; }));
  }
  /// More CHILD_SAs than a connection holds requests.
  static constexpr std::uint32_t kMany = 3 * vici::kMaxQueuedRequests;
  void many_stand() {
    for (std::uint32_t id = 1; id <= kMany; ++id) fake_.children[id] = {.ike = id, .peer_id = kPeer};
  }
  void answer() {
    fake_.hold = nullptr;
    fake_.release();
  }
  bool hears(const std::vector<std::string>& all) {
    return until([&] { return said_.size() >= all.size(); }) && said_ == all;
  }

  using Said = std::vector<std::string>;

  pki::Holder ca_ = pki::root(wanted("ca", {"10.0.0.0/8"}));
  pki::Holder peer_ = issued(wanted(kPeer, {"10.2.0.0/16"}), ca_);
  FakeCharon fake_;
  config::Config config_;
  Said said_;
  std::vector<bool> ready_;
  std::unique_ptr<tedd::Ike> ike_;
};

TEST_F(JudgingTest, TheEngineHearsOfATunnelWhenItsPeerIsJudged) {
  ask(1);
  answer();
  EXPECT_TRUE(hears({"up 1 10.2.0.0/16"})) << testing::PrintToString(said_);
}

TEST_F(JudgingTest, OneThatGoesMeanwhileWasNever) {
  ask(1);
  fake_.children.clear();
  fake_.tell(FakeCharon::Event::kDown, 1, {.peer_id = kPeer});
  answer();
  fake_.add(2, {.peer_id = kPeer});
  EXPECT_TRUE(hears({"up 2 10.2.0.0/16"})) << testing::PrintToString(said_);
}

TEST_F(JudgingTest, WhoAskedForItIsToldThatItWentMeanwhile) {
  const std::string name = "opented-0102030405060708";
  ask(1, name);
  fake_.children.clear();
  fake_.tell(FakeCharon::Event::kDown, 1, {.name = name, .peer_id = kPeer});
  EXPECT_TRUE(hears({"failed"})) << testing::PrintToString(said_);
}

TEST_F(JudgingTest, OneThatIsRekeyedMeanwhileIsNew) {
  ask(1);
  fake_.tell_rekeyed(1, 2, {.peer_id = kPeer});
  answer();
  EXPECT_TRUE(hears({"up 2 10.2.0.0/16"})) << testing::PrintToString(said_);
  fake_.tell_rekeyed(2, 3, {.peer_id = kPeer});
  EXPECT_TRUE(hears({"up 2 10.2.0.0/16", "rekeyed 2 to 3"})) << testing::PrintToString(said_);
}

TEST_F(JudgingTest, ARekeyedOneThatGoesWhileItIsJudgedGoesUnderItsOldNumber) {
  ask(1);
  answer();
  ASSERT_TRUE(hears({"up 1 10.2.0.0/16"}));
  fake_.hold = [](const FakeCharon::Asked& asked) { return asked.command == "list-certs"; };
  fake_.tell_rekeyed(1, 2, {.peer_id = kPeer});
  ASSERT_TRUE(until([&] { return fake_.count("list-certs") > 1; }));
  fake_.tell(FakeCharon::Event::kDown, 2, {.peer_id = kPeer});
  EXPECT_TRUE(hears({"up 1 10.2.0.0/16", "down 1"})) << testing::PrintToString(said_);
}

TEST_F(JudgingTest, WhoseIdentityNobodyTellsMaySpeakForNothing) {
  ASSERT_TRUE(until([&] { return !ready_.empty() && ready_.back(); }));
  fake_.add(1, {});
  EXPECT_TRUE(hears({"up 1 nothing"})) << testing::PrintToString(said_);
  EXPECT_EQ(fake_.count("list-certs"), 0U);
}

TEST_F(JudgingTest, ACharonThatDoesNotListCertificatesIsNoWayIn) {
  fake_.answer = [](const FakeCharon::Asked& asked) -> std::optional<vici::Message> {
    return asked.command == "list-certs" ? std::optional(refused("no")) : std::nullopt;
  };
  ASSERT_TRUE(until([&] { return !ready_.empty() && ready_.back(); }));
  fake_.add(1, {.peer_id = kPeer});
  EXPECT_TRUE(hears({"up 1 nothing"})) << testing::PrintToString(said_);
}

// Nothing is ready before what stood is judged: flows that have a tunnel would be discovered anew.
TEST_F(JudgingTest, WhatStoodIsJudgedBeforeTheGatewayIsReady) {
  fake_.children[7] = {.peer_id = kPeer};
  leave_unanswered();
  EXPECT_EQ(ready_, std::vector<bool>{});
  answer();
  ASSERT_TRUE(until([&] { return !ready_.empty(); }));
  EXPECT_EQ(said_, Said{"up 7 10.2.0.0/16"});
}

// More than a connection holds requests: what nobody could ask about would be taken down.
TEST_F(JudgingTest, HoweverManyStoodEachIsJudged) {
  many_stand();
  ASSERT_TRUE(until([&] { return !ready_.empty(); }));
  EXPECT_EQ(said_.size(), kMany);
  for (const std::string& one : said_) EXPECT_TRUE(one.ends_with(" 10.2.0.0/16")) << one;
  EXPECT_EQ(fake_.count("list-certs"), kMany);
}

// Who makes tunnels all the time would keep those that nobody may have.
TEST_F(JudgingTest, WhatHasToGoDoesNotWaitUntilManyAreJudged) {
  many_stand();
  leave_unanswered();
  ike_->take_down({engine::TunnelId{kMany}});
  answer();
  ASSERT_TRUE(until([&] { return fake_.count("terminate") > 0; }));
  EXPECT_LT(fake_.count("list-certs"), kMany);
}

TEST_F(JudgingTest, ACharonThatGoesWhileManyWaitIsAskedAnew) {
  many_stand();
  leave_unanswered();
  fake_.drop_client();
  fake_.hold = nullptr;
  ASSERT_TRUE(until([&] { return !ready_.empty() && ready_.back(); }));
  EXPECT_EQ(said_.size(), kMany);
  for (const std::string& one : said_) EXPECT_TRUE(one.ends_with(" 10.2.0.0/16")) << one;
}

// A charon that goes while it is asked is a new one when it comes back.
TEST_F(JudgingTest, ACharonThatGoesMeanwhileIsAskedAnew) {
  ask(1);
  fake_.drop_client();
  fake_.hold = nullptr;
  EXPECT_TRUE(hears({"up 1 10.2.0.0/16"})) << testing::PrintToString(said_);
  EXPECT_EQ(fake_.count("list-certs"), 2U);
}

TEST_F(JudgingTest, OtherCredentialsJudgeWhatStands) {
  ask(1);
  answer();
  ASSERT_TRUE(hears({"up 1 10.2.0.0/16"}));
  ike_->set_credentials(credentials());
  ca_ = pki::root(wanted("another", {"10.0.0.0/8"}));
  ike_->set_credentials(credentials());
  EXPECT_EQ(said_, (Said{"up 1 10.2.0.0/16", "judged 1 10.2.0.0/16", "judged 1 nothing"}));
}

TEST_F(JudgingTest, TheKeyGoesWithTedd) {
  ASSERT_TRUE(until([&] { return !ready_.empty() && ready_.back(); }));
  EXPECT_EQ(fake_.keys, std::set<std::string>{"key-1"});
  EXPECT_TRUE(fake_.secrets.empty());
  bool done = false;
  ike_->withdraw([&] { done = true; });
  ASSERT_TRUE(until([&] { return done; }));
  EXPECT_TRUE(fake_.keys.empty());
}

// Nobody reloads, and nobody rekeys: its time has come all the same.
TEST_F(JudgingTest, WhenACertificateEndsItsTunnelIsJudgedAnew) {
  pki::Wanted what = wanted(kPeer, {"10.2.0.0/16"});
  what.not_after = tedd::certificate_time() + 2s;
  fake_.certificates = {text_of(issued(what, ca_).certificate)};
  ask(1);
  EXPECT_FALSE(ike_->next_deadline(tedd::Loop::now())) << "of a tunnel that nobody has heard of";
  answer();
  ASSERT_TRUE(hears({"up 1 10.2.0.0/16"}));
  const base::Instant now = tedd::Loop::now();
  const auto due = ike_->next_deadline(now);
  ASSERT_TRUE(due);
  EXPECT_LE(*due, now + 3s);
  EXPECT_TRUE(until([&] {
    ike_->on_deadline();
    return said_.size() > 1;
  }));
  EXPECT_GT(tedd::certificate_time(), what.not_after) << "and not before";
  EXPECT_TRUE(hears({"up 1 10.2.0.0/16", "judged 1 nothing"}));
  EXPECT_FALSE(ike_->next_deadline(tedd::Loop::now())) << "once";
}

// A clock that is set forward is seen within the hour; one that lives long is not looked at before.
TEST_F(JudgingTest, ALongTimeIsWaitedForByTheHour) {
  ask(1);
  answer();
  ASSERT_TRUE(hears({"up 1 10.2.0.0/16"}));
  const base::Instant now = tedd::Loop::now();
  EXPECT_EQ(*ike_->next_deadline(now), now + 1h);
  ike_->on_deadline();
  EXPECT_EQ(said_.size(), 1U);
}

}  // namespace
