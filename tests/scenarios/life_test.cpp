// What becomes of tunnels and discoveries after the first exchange: crossing, rekeying, forgetting, many openings.
#include <utility>

#include "engine/limits.hpp"
#include "scenarios/two_gateways.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using engine::TunnelId;
using sim::Delivery;
using sim::Fate;

const std::optional<std::string> kRefused = "AUTHENTICATION_FAILED";

class Life : public TwoGateways {
 protected:
  const engine::Tunnel& tunnel_at(const std::string& gateway) {
    return world_.engine(gateway).tunnels().all().begin()->second;
  }
  void start_with_tunnel() {
    start();
    world_.send(p_);
    world_.run_for(1s);
    ASSERT_EQ(world_.engine("A").tunnels().all().size(), 1U);
  }
  // charon says that the tunnel was rekeyed and carries this now.
  void rekey(const base::Selector& selector) {
    engine::TunnelUp near = tunnel_at("A").facts;
    engine::TunnelUp far = tunnel_at("B").facts;
    const TunnelId before = near.id;
    near.id = far.id = TunnelId{77};
    near.selectors = {selector};
    far.selectors = {selector.mirrored()};
    world_.tell("B", engine::TunnelRekeyed{before, far});
    world_.tell("A", engine::TunnelRekeyed{before, near});
  }
};

TEST_F(Life, ATunnelFromTheOtherEndEndsAProbing) {
  start();
  world_.on_link([](const std::string& arrow, base::Bytes&) {
    return arrow.starts_with("A -> B PROBE") ? Fate::kLost : Fate::kArrives;
  });
  world_.send(p_);
  EXPECT_EQ(world_.engine("A").discoveries().size(), 1U);
  world_.send(p_.mirrored());
  world_.run_for(300ms);
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_EQ(count("A", Counter::kIllegalMoves), 0U);
}

TEST_F(Life, ARekeyedTunnelKeepsItsPlace) {
  start_with_tunnel();
  rekey(tunnel_at("A").facts.selectors.front());
  EXPECT_EQ(tunnel_at("A").facts.id, TunnelId{77});
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
}

TEST_F(Life, ATunnelThatIsNarrowerAfterRekeyingCarriesOnlyThat) {
  start_with_tunnel();
  rekey({std::nullopt, masked("10.1.0.0/16"), masked("10.2.0.10/32"), {}, {}});
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_EQ(world_.send(flow("udp 10.1.0.10:40000 > 10.2.0.11:53")), Delivery::kDropped);
}

TEST_F(Life, ATunnelThatIsWiderAfterRekeyingIsTakenDown) {
  start_with_tunnel();
  rekey({std::nullopt, masked("0.0.0.0/0"), masked("0.0.0.0/0"), {}, {}});
  EXPECT_TRUE(world_.engine("A").tunnels().all().empty());
  EXPECT_EQ(count("A", Counter::kTunnelsRefused), 1U);
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
}

TEST_F(Life, ATunnelThatIsRekeyedWhileItIsRefusedIsRefusedAgain) {
  start();
  const engine::TunnelUp wide{TunnelId{99},
                              address("192.0.2.66"),
                              address("192.0.2.2"),
                              {{std::nullopt, masked("10.2.0.0/16"), masked("10.9.0.0/16"), {}, {}}},
                              {}};
  world_.tell("B", wide);
  engine::TunnelUp again = wide;
  again.id = TunnelId{100};
  world_.tell("B", engine::TunnelRekeyed{TunnelId{99}, again});
  EXPECT_EQ(count("B", Counter::kTunnelsRefused), 2U);
  EXPECT_TRUE(world_.engine("B").tunnels().all().empty());
}

TEST_F(Life, WhenTheTableIsFullTheOldestFailureMakesRoom) {
  start();
  world_.on_link([](const std::string&, base::Bytes&) { return Fate::kLost; });
  world_.tell("A", engine::FlowCaught{p_});
  world_.run_for(6s);  // it failed, and that is remembered
  // Discoveries of hosts are paced; traces, which are root's, are not.
  for (std::uint32_t i = 1; i < engine::kMaxDiscoveries; ++i) {
    world_.tell("A", engine::TraceRequested{engine::TraceId{i}, p_});
  }
  EXPECT_EQ(world_.engine("A").discoveries().size(), engine::kMaxDiscoveries);
  base::Flow one = p_;
  one.source = address("10.1.255.250");
  one.destination = address("10.9.0.1");
  world_.tell("A", engine::FlowCaught{one});
  EXPECT_EQ(count("A", Counter::kFlowsShareUsed) + count("A", Counter::kFlowsNoRoom), 0U);
  EXPECT_EQ(count("A", Counter::kDiscoveriesEvicted), 1U);
  EXPECT_EQ(world_.engine("A").discoveries().size(), engine::kMaxDiscoveries);
  one.source = address("10.1.255.251");
  one.destination = address("10.9.1.1");
  world_.tell("A", engine::FlowCaught{one});
  EXPECT_EQ(count("A", Counter::kFlowsNoRoom), 1U);  // all are being probed for: none makes room
}

TEST_F(Life, NothingPassesInTheClearWhenAPeerWasFound) {
  auto open = protect("open", "10.1.0.0/16", "10.0.0.0/8");
  open.on_failure = policy::OnFailure::kBypass;
  start({open});
  world_.on_ike(30ms, [](const engine::BringUp&) { return kRefused; });
  world_.send(p_);
  world_.run_for(200ms);
  ASSERT_EQ(count("A", Counter::kDiscoveriesIkeFailed), 1U);
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
}

TEST_F(Life, ATunnelThatCarriesNothingIsReplaced) {
  start_with_tunnel();
  const TunnelId dead = tunnel_at("A").facts.id;
  world_.run_for(10s);
  world_.tell("A", engine::FlowCaught{p_});
  world_.tell("A", engine::FlowCaught{p_});  // at once: may have been on its way while the tunnel came up
  EXPECT_EQ(count("A", Counter::kTunnelsAstray), 0U);
  world_.run_for(40s);
  world_.tell("A", engine::FlowCaught{p_});  // long after: once is not enough
  EXPECT_EQ(count("A", Counter::kTunnelsAstray), 0U);
  world_.run_for(3s);
  world_.tell("A", engine::FlowCaught{p_});
  EXPECT_EQ(count("A", Counter::kTunnelsAstray), 1U);
  world_.run_for(1s);
  EXPECT_TRUE(world_.engine("A").tunnels().all().empty());
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_NE(tunnel_at("A").facts.id, dead);
}

TEST_F(Life, ForgettingAPeerEndsWhatIsNegotiatedWithItAndTheNextPacketProbes) {
  start();
  world_.on_ike(20s, [](const engine::BringUp&) { return kRefused; });
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(world_.engine("A").discoveries().all().begin()->second.state, engine::State::kNegotiating);
  world_.tell("A", engine::PeerForgotten{address("192.0.2.2")});
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
  world_.on_ike(30ms, [](const engine::BringUp&) { return std::nullopt; });
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  world_.run_for(60s);  // the late failure of what was forgotten means nothing to anybody
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_EQ(count("A", Counter::kIllegalMoves), 0U);
}

TEST_F(Life, ForgettingAPeerEndsItsHoldDown) {
  start();
  world_.on_ike(30ms, [](const engine::BringUp&) { return kRefused; });
  world_.send(p_);
  world_.run_for(200ms);
  ASSERT_EQ(world_.engine("A").discoveries().all().begin()->second.state, engine::State::kHoldingDown);
  world_.tell("A", engine::PeerForgotten{address("192.0.2.2")});
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
  EXPECT_EQ(count("A", Counter::kIllegalMoves), 0U);
}

TEST_F(Life, ARefusedTunnelIsNoneOfItsPeersTunnels) {
  start();
  world_.tell("B", engine::TunnelUp{TunnelId{99},
                                    address("192.0.2.66"),
                                    address("192.0.2.2"),
                                    {{std::nullopt, masked("10.2.0.0/16"), masked("10.9.0.0/16"), {}, {}}},
                                    {}});
  EXPECT_EQ(world_.engine("B").peers().find(address("192.0.2.66")), nullptr);
}

TEST_F(Life, NoMoreDestinationsPassInTheClearThanTheGuardHolds) {
  auto open = protect("open", "10.1.0.0/16", "10.0.0.0/8");
  open.on_failure = policy::OnFailure::kBypass;
  start({open}, {bypass("all", "10.2.0.0/16", "10.1.0.0/16")});
  world_.on_link([](const std::string&, base::Bytes&) { return Fate::kLost; });
  constexpr std::size_t kTooMany = 10;
  for (std::size_t i = 0; i < engine::kMaxOpenings + kTooMany; ++i) {
    base::Flow one = p_;  // of so many hosts that none of them is busy
    one.source = base::Address::v4(0x0a010000 + static_cast<std::uint32_t>(i % 100));
    one.destination = base::Address::v4(0x0a020000 + static_cast<std::uint32_t>(i));
    world_.tell("A", engine::FlowCaught{one});
    if (i == engine::kMaxOpenings / 2) world_.run_for(500ms);
  }
  world_.run_for(4500ms);
  EXPECT_EQ(count("A", Counter::kOpeningsNoRoom), kTooMany);
  EXPECT_EQ(world_.send(p_), Delivery::kClear);
}

}  // namespace
}  // namespace scenarios
