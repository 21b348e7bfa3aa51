// first_packet = "hold": what is kept until its tunnel stands, and what is not.
#include "scenarios/two_gateways.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using sim::Delivery;
using sim::Fate;

using Packets = std::vector<base::Bytes>;

base::Bytes numbered(std::size_t number) {
  return {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

/// A's rule holds first packets.
class Held : public TwoGateways {
 protected:
  void start() {
    auto rule = protect("branch", "10.1.0.0/16", "10.0.0.0/8");
    rule.first_packet = policy::FirstPacket::kHold;
    TwoGateways::start({rule});
  }
  void send(std::size_t number) { EXPECT_EQ(world_.send(p_, numbered(number)), Delivery::kDropped); }
  /// Kept, or counted under the reason why not.
  std::uint64_t accounted() {
    return count("A", Counter::kPacketsReleased) + count("A", Counter::kHeldNoRoom) + count("A", Counter::kHeldFailed) +
           count("A", Counter::kHeldExpired);
  }
};

TEST_F(Held, FirstPacketsGoThroughTheirTunnelInOrder) {
  start();
  for (std::size_t i = 0; i < 3; ++i) send(i);
  EXPECT_TRUE(world_.released("A").empty());
  world_.run_for(1s);
  EXPECT_EQ(world_.released("A"), (Packets{numbered(0), numbered(1), numbered(2)}));
  EXPECT_EQ(count("A", Counter::kPacketsHeld), 3U);
  EXPECT_EQ(count("A", Counter::kPacketsReleased), 3U);
}

TEST_F(Held, ARuleThatDropsHandsNothingOver) {
  TwoGateways::start();
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_TRUE(world_.released("A").empty());
  EXPECT_EQ(count("A", Counter::kPacketsHeld), 0U);
}

TEST_F(Held, WhatIsCaughtWhileTheTunnelIsPutInForceFollowsAtOnce) {
  start();
  send(0);
  world_.run_for(1s);
  world_.tell("A", engine::FlowCaught{p_, numbered(1)});
  EXPECT_EQ(world_.released("A"), (Packets{numbered(0), numbered(1)}));
}

TEST_F(Held, OfOneDiscoveryTheFirstAreKept) {
  start();
  for (std::size_t i = 0; i < engine::kHeldPerDiscovery + 4; ++i) send(i);
  world_.run_for(1s);
  const auto& released = world_.released("A");
  ASSERT_EQ(released.size(), engine::kHeldPerDiscovery);
  EXPECT_EQ(released.front(), numbered(0));
  EXPECT_EQ(released.back(), numbered(engine::kHeldPerDiscovery - 1));
  EXPECT_EQ(count("A", Counter::kHeldNoRoom), 4U);
}

TEST_F(Held, WhatIsTooLongIsNotKept) {
  start();
  EXPECT_EQ(world_.send(p_, base::Bytes(engine::kMaxHeldLength + 1)), Delivery::kDropped);
  EXPECT_EQ(world_.send(p_, base::Bytes(engine::kMaxHeldLength)), Delivery::kDropped);
  world_.run_for(1s);
  EXPECT_EQ(world_.released("A").size(), 1U);
  EXPECT_EQ(count("A", Counter::kHeldTooLong), 1U);
}

TEST_F(Held, InAllTheOldestMakeRoom) {
  start();
  const std::size_t destinations = engine::kMaxHeldPackets + 10;
  for (std::size_t i = 0; i < destinations; ++i) {
    const std::string host = "10.9." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    world_.tell("A", engine::FlowCaught{flow("udp 10.1.0.10:40000 > " + host + ":53"), numbered(i)});
  }
  const std::uint64_t held = count("A", Counter::kPacketsHeld);
  EXPECT_GT(held, 0U);
  world_.run_for(20s);
  EXPECT_EQ(accounted(), held) << "none is forgotten";
}

TEST_F(Held, AFailureDropsThem) {
  start();
  world_.on_link([](const std::string&, base::Bytes&) { return Fate::kLost; });
  send(0);
  world_.run_for(4s);
  EXPECT_EQ(count("A", Counter::kHeldFailed), 1U);
  send(1);  // in hold-down nothing is looked for, and nothing kept
  EXPECT_EQ(count("A", Counter::kPacketsHeld), 1U);
  world_.on_link(nullptr);
  world_.run_for(10s);
  send(2);
  world_.run_for(1s);
  EXPECT_EQ(world_.released("A"), (Packets{numbered(2)}));
}

TEST_F(Held, ATunnelThatComesTooLateCarriesNothingOld) {
  start();
  world_.on_ike(engine::kHeldFor + 1s, [](const engine::BringUp&) { return std::nullopt; });
  send(0);
  world_.run_for(engine::kHeldFor + 2s);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_TRUE(world_.released("A").empty());
  EXPECT_EQ(count("A", Counter::kHeldExpired), 1U);
}

TEST_F(Held, ATunnelForOthersReleasesNothing) {
  start();
  send(0);
  world_.tell("A", engine::FlowCaught{flow("udp 10.1.0.10:40000 > 10.9.0.1:53"), numbered(9)});
  world_.run_for(1s);
  EXPECT_EQ(world_.released("A"), (Packets{numbered(0)}));
}

TEST_F(Held, AReloadDropsThem) {
  start();
  send(0);
  world_.tell("A", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(
                       std::vector{protect("branch", "10.1.0.0/16", "10.0.0.0/8")})});
  world_.run_for(1s);
  EXPECT_TRUE(world_.released("A").empty());
  EXPECT_EQ(accounted(), count("A", Counter::kPacketsHeld));
}

}  // namespace
}  // namespace scenarios
