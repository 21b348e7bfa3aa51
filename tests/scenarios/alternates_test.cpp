// Several gateways answer one probe: the first that is of use is asked, the others when it fails.
#include <algorithm>
#include <utility>

#include "engine/limits.hpp"
#include "scenarios/two_gateways.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using sim::Fate;

const base::Address kB = address("192.0.2.2");

// C and D get each probe of A's as well, a moment after B.
class Alternates : public TwoGateways {
 protected:
  void start_with(const std::string& b, const std::string& c, const std::string& d) {
    start({protect("branch", "10.1.0.0/16", "10.0.0.0/8")}, {protect("office", b, "10.1.0.0/16")});
    world_.add_gateway({"C", address("192.0.2.3"), {protect("spare", c, "10.1.0.0/16")}});
    world_.add_gateway({"D", address("192.0.2.4"), {protect("spare", d, "10.1.0.0/16")}});
    world_.on_link([this](const std::string& arrow, base::Bytes& packet) {
      if (arrow == "A -> B PROBE") copies_.push_back(packet);
      return Fate::kArrives;
    });
  }
  void send_to_all() {
    world_.send(p_);
    world_.run_for(1ms);
    tell_others();
  }
  void tell_others() {
    for (const base::Bytes& copy : std::exchange(copies_, {})) {
      world_.tell("C", engine::DatagramCaught{copy});
      world_.tell("D", engine::DatagramCaught{copy});
    }
  }
  void refuse(std::vector<base::Address> peers) {
    world_.on_ike(30ms, [peers = std::move(peers)](const engine::BringUp& wanted) {
      return std::ranges::find(peers, wanted.peer) != peers.end() ? std::optional<std::string>("AUTHENTICATION_FAILED")
                                                                  : std::nullopt;
    });
  }
  const engine::Tunnel& tunnel() { return world_.engine("A").tunnels().all().begin()->second; }

  std::vector<base::Bytes> copies_;
};

TEST_F(Alternates, WhenIkeFailsTheLargestOfTheOthersIsTried) {
  start_with("10.2.0.0/24", "10.2.0.0/25", "10.2.0.0/23");
  refuse({kB});
  // B stands in the path and answers first, though its copy of the probe takes longer in this world.
  world_.send(p_);
  world_.run_for(21ms);
  tell_others();
  world_.run_for(1s);
  EXPECT_EQ(count("A", Counter::kResponsesKept), 2U);
  ASSERT_EQ(world_.engine("A").tunnels().all().size(), 1U);
  EXPECT_EQ(tunnel().facts.peer, address("192.0.2.4"));
  EXPECT_EQ(world_.arrows().back(), "A -> D IKE any 10.1.0.0/16 > 10.2.0.0/23");
  EXPECT_EQ(count("A", Counter::kDiscoveriesFailed), 0U);
  EXPECT_EQ(count("A", Counter::kIllegalMoves), 0U);
}

TEST_F(Alternates, WhenAllFailTheDiscoveryFails) {
  start_with("10.2.0.0/24", "10.2.0.0/25", "10.2.0.0/23");
  refuse({kB, address("192.0.2.3"), address("192.0.2.4")});
  send_to_all();
  world_.run_for(300ms);
  EXPECT_EQ(count("A", Counter::kDiscoveriesIkeFailed), 1U);
  EXPECT_EQ(world_.engine("A").discoveries().all().begin()->second.state, engine::State::kHoldingDown);
  EXPECT_EQ(std::ranges::count_if(world_.arrows(), [](const auto& arrow) { return arrow.ends_with("IKE failed"); }), 3);
}

// What an earlier probe was answered in vain says nothing of the one that is sent when a tunnel did not come.
TEST_F(Alternates, AProbeAfterAWaitIsRepeatedWhateverTheOneBeforeItMet) {
  start_with("10.2.0.0/24", "10.2.0.0/24", "10.2.0.0/24");
  bool is_cut = false;
  world_.on_link([&](const std::string& arrow, base::Bytes& packet) {
    if (is_cut) return Fate::kLost;
    if (arrow == "A -> B PROBE") copies_.push_back(packet);
    if (!arrow.ends_with("RESPONSE")) return Fate::kArrives;
    auto response = std::get<wire::Response>(*wire::decode(wire::udp_of(packet)->payload));
    response.list.reset();
    if (arrow != "B -> A RESPONSE") response.proxy->local = masked("10.2.0.128/25");  // P's destination is 10.2.0.10
    response.capabilities->bits |= wire::Capabilities::kTunnelComing;                 // and it does not
    packet = wire::udp_packet(response.gateway, address("192.0.2.1"), 500, 500, wire::encode(response));
    return Fate::kArrives;
  });
  send_to_all();
  world_.run_for(1s);
  ASSERT_EQ(count("A", Counter::kDiscoveriesYielded), 1U);
  is_cut = true;
  world_.run_for(engine::kYield + engine::kYield / engine::kJitterDivisor + 5s);
  EXPECT_EQ(count("A", Counter::kProbesRepeated), engine::kProbeAttempts);  // the first of them after the wait
  EXPECT_EQ(count("A", Counter::kDiscoveriesUnanswered), 1U);
  EXPECT_EQ(count("A", Counter::kDiscoveriesIkeFailed) + world_.engine("A").tunnels().all().size(), 0U);
}

TEST_F(Alternates, AnAnswerThatDoesNotContainPDoesNotStandInTheWayOfOneThatDoes) {
  start_with("10.2.0.0/24", "10.2.0.0/24", "10.2.0.0/24");
  world_.on_link([this](const std::string& arrow, base::Bytes& packet) {
    if (arrow == "A -> B PROBE") copies_.push_back(packet);
    if (arrow != "C -> A RESPONSE") return Fate::kArrives;
    auto response = std::get<wire::Response>(*wire::decode(wire::udp_of(packet)->payload));
    response.proxy->local = masked("10.2.0.128/25");  // P's destination is 10.2.0.10
    response.list.reset();
    packet = wire::udp_packet(address("192.0.2.3"), address("192.0.2.1"), 500, 500, wire::encode(response));
    return Fate::kArrives;
  });
  send_to_all();  // C's answer is the first, then D's, then B's
  world_.run_for(1s);
  ASSERT_EQ(world_.engine("A").tunnels().all().size(), 1U);
  EXPECT_EQ(tunnel().facts.peer, address("192.0.2.4"));
  EXPECT_EQ(count("A", Counter::kDiscoveriesFailed), 0U);
}

TEST_F(Alternates, NoGatewayIsKeptTwiceAndNoMoreThanSome) {
  start_with("10.2.0.0/24", "10.2.0.0/24", "10.2.0.0/24");
  base::Bytes answer;
  world_.on_link([&](const std::string& arrow, base::Bytes& packet) {
    if (arrow == "B -> A RESPONSE") answer = packet;
    return Fate::kArrives;
  });
  world_.on_ike(5s, nullptr);
  world_.send(p_);
  world_.run_for(50ms);
  auto response = std::get<wire::Response>(*wire::decode(wire::udp_of(answer)->payload));
  for (std::uint32_t host = 10; host < 20; ++host) {
    response.gateway = base::Address::v4(0xc0000200 + host);
    for (int twice = 0; twice < 2; ++twice) {
      world_.tell("A", engine::DatagramCaught{
                           wire::udp_packet(response.gateway, address("192.0.2.1"), 500, 500, wire::encode(response))});
    }
  }
  EXPECT_EQ(count("A", Counter::kResponsesKept), engine::kMaxAlternates);
  EXPECT_EQ(count("A", Counter::kResponsesLate), 20 - engine::kMaxAlternates);
}

TEST_F(Alternates, ATunnelThatComesAfterItWasGivenUpIsTakenDown) {
  start_with("10.2.0.0/24", "10.2.0.0/24", "10.2.0.0/25");
  refuse({kB});
  world_.send(p_);
  world_.run_for(21ms);
  tell_others();
  world_.run_for(32ms);  // B has refused, C is being asked
  const auto& discovery = world_.engine("A").discoveries().all().begin()->second;
  ASSERT_EQ(discovery.peer, address("192.0.2.3"));
  world_.tell("A", engine::TunnelUp{engine::TunnelId{99}, kB, address("192.0.2.1"), discovery.agreed->boxes(),
                                    discovery.cookie});
  world_.run_for(1s);
  ASSERT_EQ(world_.engine("A").tunnels().all().size(), 1U);
  EXPECT_EQ(tunnel().facts.peer, address("192.0.2.3"));
}

}  // namespace
}  // namespace scenarios
