// What the engine is told of tunnels when charon goes and comes back, with a real charon.
#include "daemon/ike.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "unit/vici/charon_fixture.hpp"

namespace {

using namespace vici_lab;
using namespace std::chrono_literals;

/// Gateway A's tedd as far as strongSwan is concerned; the fixture's own driver stands beside it at the same charon.
class IkeTest : public CharonTest {
 protected:
  void SetUp() override {
    CharonTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_NO_FATAL_FAILURE(restart_charon());
    config_.ike.socket = lab_->socket(0);
    config_.gateway.addresses = {kA};
    ike_ = std::make_unique<tedd::Ike>(config_,
                                       tedd::Credentials{.secret = base::Secret("secret"), .certificates = nullptr},
                                       tedd::Ike::Handlers{.event = [this](engine::Event event) { on(event); },
                                                           .ready = [this](bool ready) { ready_ = ready; }});
    policy::Rule rule;
    rule.local = {net("10.1.0.0/16")};
    rule.remote = {net("10.0.0.0/8")};
    ike_->offer(std::make_shared<const policy::Snapshot>(std::vector{rule}));
    ASSERT_TRUE(pump([&] { return ready_; }));
  }

  void on(const engine::Event& event) {
    if (const auto* up = std::get_if<engine::TunnelUp>(&event)) {
      told_.push_back("up " + std::to_string(static_cast<std::uint32_t>(up->id)) + ' ' +
                      up->selectors.at(0).local.text());
    } else if (const auto* down = std::get_if<engine::TunnelDown>(&event)) {
      told_.push_back("down " + std::to_string(static_cast<std::uint32_t>(down->id)));
    }
  }

  /// Drives Ike beside the two drivers until the condition holds.
  bool pump(const std::function<bool()>& condition) {
    return until(both(), [&] {
      turn(vici_lab::now());
      return condition();
    });
  }
  void turn(base::Instant now) {
    ike_->charon().on_readable();
    const auto deadline = ike_->charon().next_deadline();
    if (deadline && *deadline <= now) ike_->charon().on_deadline(now);
  }

  /// As after a crash; ids begin anew. Ike has no turn meanwhile.
  void restart_charon() {
    lab_->stop(0, true);
    ASSERT_TRUE(until(both(), [&] { return !a_->charon.is_connected(); }));
    ASSERT_TRUE(lab_->start(0)) << lab_->trouble();
    ASSERT_TRUE(until(both(), [&] { return a_->charon.is_connected(); }));
    const auto keyed = call<void>([&](auto done) { a_->charon.load_psk("secret", std::move(done)); });
    ASSERT_TRUE(keyed) << keyed.error().text();
  }
  vici::Initiation web(const char* local) {
    return initiation("opented-web", {selector(base::Protocol::kTcp, local, "10.2.3.0/24")});
  }

  config::Config config_;
  bool ready_ = false;
  std::vector<std::string> told_;
  std::unique_ptr<tedd::Ike> ike_;
};

// a new charon gives the old number to another tunnel before we are back: the old one goes first
TEST_F(IkeTest, AnOldNumberOfANewCharonIsAnotherTunnel) {
  ASSERT_FALSE(start(*a_, web("10.1.2.0/24")));
  ASSERT_TRUE(pump([&] { return told_.size() == 1; }));
  EXPECT_EQ(told_.back(), "up 1 10.1.2.0/24");
  ASSERT_NO_FATAL_FAILURE(restart_charon());
  ASSERT_FALSE(start(*a_, web("10.1.0.0/16")));
  EXPECT_EQ(told_.size(), 1U) << "Ike had no turn yet";
  ASSERT_TRUE(pump([&] { return !ready_; }));
  ASSERT_TRUE(pump([&] { return ready_; }));
  EXPECT_EQ(told_, (std::vector<std::string>{"up 1 10.1.2.0/24", "down 1", "up 1 10.1.0.0/16"}));
}

TEST_F(IkeTest, WhatANewCharonDoesNotListIsDown) {
  ASSERT_FALSE(start(*a_, web("10.1.2.0/24")));
  ASSERT_TRUE(pump([&] { return told_.size() == 1; }));
  ASSERT_NO_FATAL_FAILURE(restart_charon());
  ASSERT_TRUE(pump([&] { return !ready_; }));
  ASSERT_TRUE(pump([&] { return ready_; }));
  EXPECT_EQ(told_, (std::vector<std::string>{"up 1 10.1.2.0/24", "down 1"}));
}

// only the connection breaks: what stands is never down
TEST_F(IkeTest, AReconnectionToTheSameCharonLosesNothing) {
  ASSERT_FALSE(start(*a_, web("10.1.2.0/24")));
  ASSERT_TRUE(pump([&] { return told_.size() == 1; }));
  lab_->pause(0, true);
  ike_->charon().version([](const auto&) {});
  ike_->charon().on_deadline(vici_lab::now() + 20s);  // so long without an answer means that charon hangs
  EXPECT_FALSE(ready_);
  lab_->pause(0, false);
  ASSERT_TRUE(pump([&] { return ready_; }));
  EXPECT_EQ(told_, (std::vector<std::string>{"up 1 10.1.2.0/24", "up 1 10.1.2.0/24"}));
}

}  // namespace
