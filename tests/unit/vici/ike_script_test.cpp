// What tedd asks of charon when things go wrong or end, with a scripted charon.
#include <chrono>
#include <gtest/gtest.h>
#include <memory>

#include "daemon/ike.hpp"
#include "daemon/loop.hpp"
#include "unit/vici/fake_charon.hpp"

namespace {

using namespace vici_lab;
using namespace std::chrono_literals;

class IkeScriptTest : public testing::Test {
 protected:
  void SetUp() override {
    config_.ike.socket = fake_.path();
    config_.gateway.addresses = {base::Address::v4(0xc0000201)};
    ike_ = std::make_unique<tedd::Ike>(
        config_, tedd::Credentials{.secret = base::Secret("secret"), .certificates = nullptr},
        tedd::Ike::Handlers{.event =
                                [this](const engine::Event& event) {
                                  ups_ += std::holds_alternative<engine::TunnelUp>(event) ? 1 : 0;
                                  refusals_ += std::holds_alternative<engine::BringUpFailed>(event) ? 1 : 0;
                                },
                            .ready = [this](bool ready) { ready_.push_back(ready); },
                            .fresh = [this] { ++fresh_; }});
    ike_->offer(policy());
  }

  static std::shared_ptr<const policy::Snapshot> policy() {
    policy::Rule rule;
    rule.local = {base::MaskedAddress::parse("10.1.0.0/16").value()};
    rule.remote = {base::MaskedAddress::parse("10.0.0.0/8").value()};
    return std::make_shared<const policy::Snapshot>(std::vector{rule});
  }

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
  /// Ends tedd's part; true when charon answered all of it.
  bool withdraw() {
    bool done = false;
    ike_->withdraw([&] { done = true; });
    fake_.hold = nullptr;
    fake_.release();
    return until([&] { return done; });
  }
  void expect_nothing_of_ours() const {
    EXPECT_TRUE(fake_.children.empty()) << fake_.children.size() << " tunnels stand";
    EXPECT_TRUE(fake_.connections.empty()) << *fake_.connections.begin();
    EXPECT_TRUE(fake_.secrets.empty()) << *fake_.secrets.begin();
  }

  FakeCharon fake_;
  config::Config config_;
  int ups_ = 0;
  int refusals_ = 0;
  int fresh_ = 0;
  std::vector<bool> ready_;
  std::unique_ptr<tedd::Ike> ike_;
};

TEST_F(IkeScriptTest, NothingIsLeftOfManyTunnels) {
  for (std::uint32_t id = 1; id <= 300; ++id) fake_.children[id] = {.ike = id};
  ASSERT_TRUE(until([&] { return ready_ == std::vector{true}; }));
  EXPECT_EQ(ups_, 300);
  EXPECT_TRUE(fake_.connections.contains("opented-in"));
  ASSERT_TRUE(withdraw());
  expect_nothing_of_ours();
}

// told to end while it takes out what an earlier tedd left: whatever charon is about to answer, nothing is loaded
TEST_F(IkeScriptTest, ACharonThatKnowsNothingOfUsIsToldFromOneThatDoes) {
  fake_.connections = {"opented-in"};
  ASSERT_TRUE(until([&] { return ready_ == std::vector{true}; }));
  EXPECT_EQ(fresh_, 0);
  fake_.connections.clear();
  fake_.drop_client();
  ASSERT_TRUE(until([&] { return ready_ == std::vector{true, false, true}; }));
  EXPECT_EQ(fresh_, 1);
}

TEST_F(IkeScriptTest, NothingIsLoadedAfterTheEndBegan) {
  for (const char* stage : {"get-conns", "unload-conn", "unload-shared", "version", "list-sas"}) {
    SCOPED_TRACE(stage);
    fake_.connections = {"opented-in"};
    fake_.secrets = {"opented-psk"};
    fake_.children = {{1, {}}};
    fake_.asked.clear();
    fake_.hold = [&](const FakeCharon::Asked& asked) { return asked.command == stage; };
    SetUp();
    ASSERT_TRUE(until([&] { return fake_.count(stage) > 0; }));
    ASSERT_TRUE(withdraw());
    expect_nothing_of_ours();
  }
}

TEST_F(IkeScriptTest, AReloadAfterTheEndBeganLoadsNothing) {
  ASSERT_TRUE(until([&] { return ready_ == std::vector{true}; }));
  bool done = false;
  ike_->withdraw([&] { done = true; });
  ASSERT_TRUE(until([&] { return fake_.secrets.empty(); }));
  ASSERT_FALSE(done);
  ike_->set_credentials({.secret = base::Secret("another"), .certificates = nullptr});
  ike_->offer(policy());
  ike_->bring_up({.cookie = {}, .gateway = {}, .peer = {}, .selectors = {}, .rule = {}});
  EXPECT_EQ(refusals_, 1);
  ASSERT_TRUE(until([&] { return done; }));
  expect_nothing_of_ours();
}

// charon answers, and does not list: it counts as away until it does, and is asked again on a new connection
TEST_F(IkeScriptTest, ACharonThatDoesNotListIsAway) {
  fake_.answer = [&](const FakeCharon::Asked& asked) -> std::optional<vici::Message> {
    if (asked.command == "list-sas" && fake_.clients < 3) return refused("no");
    return std::nullopt;
  };
  ASSERT_TRUE(until([&] { return !ready_.empty(); }));
  EXPECT_FALSE(ready_[0]) << "the control socket is served all the same";
  fake_.add(1, {});
  ASSERT_TRUE(until([&] { return ready_.back(); }));
  EXPECT_EQ(fake_.clients, 3U);
  EXPECT_EQ(ups_, 1);
}

}  // namespace
