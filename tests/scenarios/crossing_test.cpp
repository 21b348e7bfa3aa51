// Several ask for one tunnel at once, at either end: one comes of it.
#include "scenarios/two_gateways.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using sim::Delivery;
using sim::Fate;

class Crossing : public TwoGateways {
 protected:
  std::size_t tunnels_at(const std::string& gateway) { return world_.engine(gateway).tunnels().all().size(); }

  void expect_one_tunnel(const std::string& what) {
    EXPECT_EQ(tunnels_at("A"), 1U) << what;
    EXPECT_EQ(tunnels_at("B"), 1U) << what;
    EXPECT_EQ(world_.send(p_), Delivery::kEncrypted) << what;
    EXPECT_EQ(world_.send(p_.mirrored()), Delivery::kEncrypted) << what;
    for (const char* gateway : {"A", "B"}) {
      EXPECT_EQ(world_.engine(gateway).discoveries().size(), 0U) << what << gateway;
      EXPECT_EQ(count(gateway, Counter::kIllegalMoves), 0U) << what << gateway;
    }
  }
};

/// One of many worlds in a test.
class OneRun : public Crossing {
 public:
  void TestBody() override {}
  using Crossing::expect_one_tunnel;
  using TwoGateways::start;

  void cross(bool a_first, base::Duration apart) {
    world_.send(a_first ? p_ : p_.mirrored());
    world_.run_for(apart);
    world_.send(a_first ? p_.mirrored() : p_);
    world_.run_for(10s);
  }
  sim::World& world() { return world_; }
};

// Both ends start, one so much later than the other; IKE takes 30 ms, a way 10 ms.
TEST_F(Crossing, OneTunnelComesOfTwoDiscoveriesWhateverTheirOrder) {
  for (const bool a_first : {true, false}) {
    for (auto apart = 0ms; apart <= 60ms; apart += 1ms) {
      OneRun run;
      run.start();
      run.cross(a_first, apart);
      run.expect_one_tunnel((a_first ? "A first, " : "B first, ") + std::to_string(apart.count()) + " ms apart: ");
    }
  }
}

// The same, and each subset of the first six datagrams is lost; not all six, which are all the probes of both.
TEST_F(Crossing, OneTunnelComesOfItWhateverIsLost) {
  for (unsigned lost = 0; lost < 63; ++lost) {
    for (const auto apart : {0ms, 7ms, 15ms, 25ms}) {
      OneRun run;
      run.start();
      run.world().on_link([lost, nth = 0U](const std::string&, base::Bytes&) mutable {
        return nth < 6 && ((lost >> nth++) & 1) != 0 ? Fate::kLost : Fate::kArrives;
      });
      run.cross(true, apart);
      run.expect_one_tunnel("lost " + std::to_string(lost) + ", " + std::to_string(apart.count()) + " ms apart: ");
    }
  }
}

// The tunnel that B waits for does not come: then it asks for its own.
TEST_F(Crossing, WhoGivesWayDoesNotWaitForEver) {
  start();
  world_.on_ike(30ms, [](const engine::BringUp& wanted) {
    return wanted.peer == address("192.0.2.2") ? std::optional<std::string>("AUTHENTICATION_FAILED") : std::nullopt;
  });
  world_.send(p_);
  world_.send(p_.mirrored());
  world_.run_for(100ms);
  EXPECT_EQ(count("B", Counter::kDiscoveriesYielded), 1U);
  EXPECT_EQ(tunnels_at("B"), 0U);
  world_.run_for(4s);
  EXPECT_EQ(tunnels_at("B"), 1U);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
}

TEST_F(Crossing, ManyDestinationsOfOneTunnelAskForItOnce) {
  start();
  base::Flow flow = p_;
  for (std::uint32_t host = 1; host <= 100; ++host) {
    flow.destination = base::Address::v4(0x0a020000 + host);
    world_.send(flow);
  }
  world_.run_for(1s);
  EXPECT_EQ(tunnels_at("A"), 1U);
  EXPECT_EQ(tunnels_at("B"), 1U);
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
  EXPECT_EQ(count("A", Counter::kDiscoveriesYielded), 99U);
  EXPECT_EQ(count("A", Counter::kIllegalMoves), 0U);
}

TEST_F(Crossing, WhatWaitsForATunnelThatFailsFailsWithIt) {
  start();
  world_.on_ike(30ms, [](const engine::BringUp&) { return std::optional<std::string>("NO_PROPOSAL_CHOSEN"); });
  world_.send(p_);
  world_.send(flow("udp 10.1.0.10:40000 > 10.2.0.11:53"));
  world_.run_for(100ms);
  EXPECT_EQ(count("A", Counter::kDiscoveriesIkeFailed), 2U);
  for (const auto& [id, discovery] : world_.engine("A").discoveries().all()) {
    EXPECT_EQ(discovery.state, engine::State::kHoldingDown);
    EXPECT_NE(discovery.reason.find("NO_PROPOSAL_CHOSEN"), std::string::npos);
  }
}

TEST_F(Crossing, APacketThatTheComingTunnelWillCarryIsNotProbedFor) {
  start();
  world_.send(p_);
  world_.run_for(25ms);  // agreed, IKE under way
  world_.send(flow("udp 10.1.0.10:40000 > 10.2.0.11:53"));
  EXPECT_EQ(count("A", Counter::kProbesSent), 1U);
  EXPECT_EQ(count("A", Counter::kFlowsPending), 1U);
}

}  // namespace
}  // namespace scenarios
