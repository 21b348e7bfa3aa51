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
  const unsigned networks = 1000 / 256 + 1;  // in each the gateway is to be found once
  EXPECT_LE(count("A", Counter::kDiscoveriesStarted),
            60U * engine::kRefusedTrials + engine::kRefusedTrialsBurst + asked_ + networks);
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

/// A - C - B: whoever stands at B claims all that A protects, and has another secret.
class Liar : public Refused {
 protected:
  static constexpr std::uint32_t kSites = 40;

  void start_with_sites() {
    std::vector<policy::Rule> sites;
    for (std::uint32_t i = 0; i < kSites; ++i) {
      const std::string number = std::to_string(i);
      sites.push_back(protect("site" + number, "10.7." + number + ".0/24", "10.1.0.0/16"));
    }
    world_.add_gateway({"A", address("192.0.2.1"), {protect("branch", "10.1.0.0/16", "10.0.0.0/8")}});
    world_.add_gateway({"C", address("192.0.2.3"), std::move(sites)});
    world_.add_gateway({"B", kB, {protect("all", "10.0.0.0/8", "10.1.0.0/16")}});
    world_.place(*base::Prefix::parse("10.1.0.0/16"), 0);
    world_.place(*base::Prefix::parse("10.7.0.0/16"), 2);
    world_.place(*base::Prefix::parse("10.66.0.0/16"), 3);
  }
  void send_to_address(std::uint32_t destination) {
    base::Flow flow = p_;
    flow.destination = base::Address::v4(destination);
    world_.send(flow);
  }
};

TEST_F(Liar, WhoClaimsAllAndIsRefusedKeepsNobodyFromTheOthers) {
  start_with_sites();
  refuse();
  const auto liar = [this] { send_to_address(0x0a420001); };
  liar();
  world_.run_for(200ms);
  ASSERT_EQ(asked_, 1U);
  for (int turn = 0; turn < 8; ++turn) {
    liar();
    for (std::uint32_t site = 0; site < kSites; ++site) send_to_address(0x0a070001 + (site << 8));
    world_.run_for(250ms);
  }
  EXPECT_EQ(tunnels(), kSites);
  EXPECT_LE(asked_, kSites + 3) << "and is itself not asked more often for that";
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
