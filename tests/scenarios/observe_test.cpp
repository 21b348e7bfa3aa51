// Gateways that only observe (mode = "observe"): what passes is left alone, and what would protect it is found out.
#include "engine/limits.hpp"
#include "scenarios/two_gateways.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using engine::Finding;
using sim::Delivery;

class Observe : public TwoGateways {
 protected:
  void start(bool a_observes, bool b_observes,
             std::vector<policy::Rule> a = {protect("branch", "10.1.0.0/16", "10.0.0.0/8")}) {
    world_.add_gateway({"A", address("192.0.2.1"), std::move(a), nullptr, a_observes});
    world_.add_gateway(
        {"B", address("192.0.2.2"), {protect("office", "10.2.0.0/24", "10.1.0.0/16")}, nullptr, b_observes});
    world_.place(*base::Prefix::parse("10.1.0.0/16"), 0);
    world_.place(*base::Prefix::parse("10.2.0.0/16"), 2);
  }
  std::span<const engine::Observation> found(const std::string& gateway) {
    return world_.engine(gateway).observations().all();
  }
  void send_and_wait(const base::Flow& flow) {
    EXPECT_EQ(world_.send(flow), Delivery::kClear);
    world_.run_for(5s);
  }
};

TEST_F(Observe, WhatWouldBeProtectedIsFoundAndNothingElseHappens) {
  start(true, true);
  send_and_wait(p_);
  ASSERT_EQ(found("A").size(), 1U);
  const engine::Observation& one = found("A").front();
  EXPECT_EQ(one.finding, Finding::kWouldProtect);
  EXPECT_EQ(one.peer, address("192.0.2.2"));
  EXPECT_TRUE(one.peer_observes);
  EXPECT_EQ(one.agreed->text(), "any 10.1.0.0/16 > 10.2.0.0/24");
  EXPECT_TRUE(world_.engine("A").tunnels().all().empty());
  EXPECT_TRUE(world_.engine("B").tunnels().all().empty());
  EXPECT_TRUE(found("B").empty()) << "B saw nothing that it would have to start itself";
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
  EXPECT_EQ(world_.leaks(), 0U);
}

TEST_F(Observe, WhatAKnownTunnelWouldCarryIsNotAskedAgain) {
  start(true, true);
  send_and_wait(p_);
  for (std::uint32_t host = 0; host < 20; ++host) {
    base::Flow other = p_;
    other.destination = base::Address::v4(0x0a020014 + host);
    send_and_wait(other);
  }
  EXPECT_EQ(count("A", Counter::kDiscoveriesStarted), 1U);
  EXPECT_EQ(count("A", Counter::kFlowsObserved), 20U);
  EXPECT_EQ(found("A").front().flows, 21U);
  world_.run_for(engine::kObservedAnew);
  send_and_wait(p_);
  EXPECT_EQ(count("A", Counter::kDiscoveriesStarted), 2U) << "after a while it is found out anew";
  EXPECT_EQ(found("A").size(), 1U);
}

TEST_F(Observe, AGatewayThatProtectsAnswersOneThatObserves) {
  start(true, false);
  world_.send(p_);
  world_.run_for(5s);
  ASSERT_EQ(found("A").size(), 1U);
  EXPECT_EQ(found("A").front().finding, Finding::kWouldProtect);
  EXPECT_FALSE(found("A").front().peer_observes);
  EXPECT_TRUE(world_.engine("B").tunnels().all().empty());
}

// An answer would have it ask for a tunnel that nobody here makes.
TEST_F(Observe, OneThatObservesDoesNotAnswerAGatewayThatProtects) {
  start(false, true);
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
  world_.run_for(5s);
  EXPECT_GE(count("B", Counter::kProbesObserving), 1U);
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 0U);
  EXPECT_EQ(count("A", Counter::kDiscoveriesUnanswered), 1U);
  EXPECT_EQ(world_.leaks(), 0U);
}

TEST_F(Observe, WhatNobodyAnswersIsToldWithItsReason) {
  start(true, true);
  send_and_wait(flow("udp 10.1.0.10:40000 > 10.2.9.10:53"));
  ASSERT_EQ(found("A").size(), 1U);
  EXPECT_EQ(found("A").front().finding, Finding::kUnanswered);
  EXPECT_EQ(found("A").front().peer, std::nullopt);
  EXPECT_FALSE(found("A").front().reason.empty());
}

TEST_F(Observe, WhatTheOtherEndExemptsIsUnanswered) {
  start(true, false);
  const std::vector rules{bypass("dns", "10.2.0.10/32", "10.1.0.10/32"),
                          protect("office", "10.2.0.0/24", "10.1.0.0/16")};
  world_.tell("B", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(rules)});
  world_.send(p_);
  world_.run_for(5s);
  ASSERT_EQ(found("A").size(), 1U);
  EXPECT_EQ(found("A").front().finding, Finding::kUnanswered);
  base::Flow other = p_;
  other.source = address("10.1.0.11");
  world_.send(other);
  world_.run_for(5s);
  ASSERT_EQ(found("A").size(), 2U) << "of the same rule and destination, and still another matter";
  EXPECT_EQ(found("A").back().finding, Finding::kWouldProtect);
  EXPECT_FALSE(found("A").back().agreed->contains(p_));
}

TEST_F(Observe, NothingIsOpenedForOnFailureBypass) {
  policy::Rule open = protect("branch", "10.1.0.0/16", "10.0.0.0/8");
  open.on_failure = policy::OnFailure::kBypass;
  start(true, true, {open});
  send_and_wait(flow("udp 10.1.0.10:40000 > 10.2.9.10:53"));
  EXPECT_EQ(count("A", Counter::kDiscoveriesUnanswered), 1U);
  EXPECT_EQ(count("A", Counter::kOpeningsNoRoom), 0U);
}

TEST_F(Observe, ItsTableHasABound) {
  start(true, true, {protect("branch", "10.1.0.0/16", "0.0.0.0/0")});
  for (std::uint32_t host = 0; host < engine::kMaxObservations + 200; ++host) {
    base::Flow other = p_;
    other.destination = base::Address::v4(0x0b000000 + host * 65536);  // each in a network of its own
    world_.tell("A", engine::FlowCaught{other});
    if (host % 50 == 0) world_.run_for(6s);
  }
  world_.run_for(10s);
  EXPECT_EQ(found("A").size(), engine::kMaxObservations);
}

TEST_F(Observe, ANewPolicyForgetsWhatWasFoundUnderTheOld) {
  start(true, true);
  send_and_wait(p_);
  world_.tell("A", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(
                       std::vector{protect("other", "10.1.0.0/24", "10.2.0.0/24")})});
  EXPECT_TRUE(found("A").empty());
}

}  // namespace
}  // namespace scenarios
