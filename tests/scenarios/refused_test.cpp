// A gateway answers and strongSwan brings no tunnel up: nobody else asks it for the same meanwhile, and it is used
// again soon when it is mended.
#include "engine/limits.hpp"
#include "scenarios/two_gateways.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;

const base::Address kB = address("192.0.2.2");
constexpr base::Duration kAgain = engine::kHoldDownMax + engine::kHoldDownMax / engine::kJitterDivisor;

class Refused : public TwoGateways {
 protected:
  void refuse() {
    world_.on_ike(30ms, [this](const engine::BringUp& wanted) {
      ++asked_;
      return wanted.peer == kB && is_broken_ ? std::optional<std::string>("AUTHENTICATION_FAILED") : std::nullopt;
    });
  }
  sim::Delivery send_to(std::uint32_t host, std::uint16_t port = 53) {
    base::Flow flow = p_;
    flow.destination = base::Address::v4(0x0a020000 + host);
    flow.destination_port = port;
    return world_.send(flow);
  }
  std::size_t tunnels() { return world_.engine("A").tunnels().all().size(); }

  unsigned asked_ = 0;
  bool is_broken_ = true;
};

TEST_F(Refused, AThousandAddressesBehindOneGatewayAskItOnceInAHoldDown) {
  start({protect("branch", "10.1.0.0/16", "10.0.0.0/8")}, {protect("office", "10.2.0.0/16", "10.1.0.0/16")});
  refuse();
  const base::Duration all = 60s;
  for (std::uint32_t host = 1; host <= 1000; ++host) {
    send_to(host);
    world_.run_for(all / 1000);
  }
  EXPECT_EQ(tunnels(), 0U);
  EXPECT_GE(asked_, all / kAgain);
  EXPECT_LE(asked_, all / engine::kHoldDownMax + 4);
  EXPECT_LE(count("A", Counter::kDiscoveriesStarted),
            60U * engine::kRefusedTrials + engine::kRefusedTrialsBurst + asked_);
  EXPECT_GT(count("A", Counter::kDiscoveriesRefused), 0U);
  EXPECT_GT(count("A", Counter::kFlowsHeldDown), 900U);
  EXPECT_EQ(count("A", Counter::kIllegalMoves), 0U);
}

TEST_F(Refused, ADiscoveryThatMeetsAHoldDownTellsWhatFailed) {
  start();
  refuse();
  send_to(10);
  world_.run_for(500ms);
  ASSERT_EQ(asked_, 1U);
  send_to(11);
  world_.run_for(300ms);
  EXPECT_EQ(asked_, 1U);
  EXPECT_EQ(count("A", Counter::kDiscoveriesRefused), 1U);
  for (const auto& [id, discovery] : world_.engine("A").discoveries().all()) {
    EXPECT_EQ(discovery.state, engine::State::kHoldingDown);
    EXPECT_NE(discovery.reason.find("AUTHENTICATION_FAILED"), std::string::npos) << discovery.reason;
  }
}

TEST_F(Refused, AMendedGatewayIsUsedAgainWithinTheLongestHoldDown) {
  start();
  refuse();
  for (int i = 0; i < 200; ++i) {
    send_to(10 + static_cast<std::uint32_t>(i) % 20);
    world_.run_for(100ms);
  }
  ASSERT_EQ(tunnels(), 0U);
  is_broken_ = false;
  base::Duration waited{};
  for (; tunnels() == 0 && waited < 2 * kAgain; waited += 50ms) {
    send_to(10);
    world_.run_for(50ms);
  }
  EXPECT_EQ(tunnels(), 1U);
  EXPECT_LE(waited, kAgain + 200ms);
  EXPECT_EQ(send_to(29), sim::Delivery::kEncrypted);
}

TEST_F(Refused, AnotherRuleIsNotAffected) {
  auto web = protect("web", "10.1.0.0/16", "10.0.0.0/8");
  web.protocol = base::Protocol::kTcp;
  start({web, protect("branch", "10.1.0.0/16", "10.0.0.0/8")});
  world_.on_ike(30ms, [](const engine::BringUp& wanted) {
    return wanted.rule == "branch" ? std::optional<std::string>("AUTHENTICATION_FAILED") : std::nullopt;
  });
  send_to(10);
  world_.run_for(500ms);
  ASSERT_EQ(tunnels(), 0U);
  base::Flow tcp = p_;
  tcp.protocol = base::Protocol::kTcp;
  world_.send(tcp);
  world_.run_for(500ms);
  EXPECT_EQ(tunnels(), 1U);
}

TEST_F(Refused, ChangedRoutesAndAForgottenPeerEndIt) {
  start();
  refuse();
  send_to(10);
  world_.run_for(500ms);
  world_.tell("A", engine::RoutesChanged{});
  send_to(10);
  world_.run_for(300ms);
  EXPECT_EQ(asked_, 2U);
  world_.tell("A", engine::PeerForgotten{kB});
  send_to(11);
  world_.run_for(300ms);
  EXPECT_EQ(asked_, 3U);
  EXPECT_EQ(count("A", Counter::kDiscoveriesRefused), 0U);
}

}  // namespace
}  // namespace scenarios
