// The exchange of figure 2, and how the two policies decide what comes of it.
#include "policy/explain.hpp"
#include "policy/offer.hpp"
#include "scenarios/two_gateways.hpp"
#include "wire/codec.hpp"
#include "wire/offer.hpp"
#include "wire/packet.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using sim::Delivery;

TEST_F(TwoGateways, Figure2) {
  start();
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);  // block 208
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows(), (Arrows{"A -> B PROBE",                                 // blocks 210, 212
                                     "B -> A RESPONSE",                              // block 214
                                     "A -> B IKE any 10.1.0.0/16 > 10.2.0.0/24"}));  // blocks 216, 218
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);                                  // blocks 204, 206
  EXPECT_EQ(world_.send(p_.mirrored()), Delivery::kEncrypted);
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
  EXPECT_EQ(world_.leaks(), 0U);
}

TEST_F(TwoGateways, TheProbeTravelsAsPItself) {
  start();
  base::Bytes seen;
  world_.on_link([&](const std::string& what, base::Bytes& packet) {
    if (what == "A -> B PROBE") seen = packet;
    return sim::Fate::kArrives;
  });
  world_.send(p_);
  const auto datagram = wire::udp_of(seen);
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->source, p_.source);
  EXPECT_EQ(datagram->destination, p_.destination);
  EXPECT_EQ(datagram->source_port, 40000);
  EXPECT_EQ(datagram->destination_port, 500);
  const auto probe = std::get<wire::Probe>(*wire::decode(datagram->payload));
  EXPECT_EQ(probe.gateway, address("192.0.2.1"));
  EXPECT_EQ(probe.summary, p_);
}

TEST_F(TwoGateways, APacketWithoutPortsIsProbedForFromPort500) {
  start();
  std::uint16_t port = 0;
  world_.on_link([&](const std::string&, base::Bytes& packet) {
    port = wire::udp_of(packet)->source_port;
    return sim::Fate::kLost;
  });
  world_.send(flow("icmp 10.1.0.10:8 > 10.2.0.10:0"));
  EXPECT_EQ(port, 500);
}

TEST_F(TwoGateways, PoliciesThatDifferInAddressesProtocolAndPortsMeetInTheirIntersection) {
  auto a = protect("web", "10.1.0.0/16", "10.0.0.0/8");
  a.protocol = base::Protocol::kTcp;
  a.remote_port = base::PortRange::only(443);
  start({a}, {protect("office", "10.2.0.0/24", "10.1.0.0/24")});
  world_.send(flow("tcp 10.1.0.10:40000 > 10.2.0.10:443"));
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows().back(), "A -> B IKE tcp 10.1.0.0/24 > 10.2.0.0/24:443");
  EXPECT_EQ(world_.send(flow("tcp 10.1.0.11:40001 > 10.2.0.77:443")), Delivery::kEncrypted);
}

TEST_F(TwoGateways, TrafficThatStartsAtTheOtherSideIsDiscoveredFromThere) {
  start();
  EXPECT_EQ(world_.send(flow("udp 10.2.0.10:53 > 10.1.0.10:40000")), Delivery::kDropped);
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows().front(), "B -> A PROBE");
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
}

TEST_F(TwoGateways, ATunnelSaysAtBothEndsInWhichFormItWasFound) {
  start();
  world_.send(p_);
  world_.run_for(1s);
  for (const char* end : {"A", "B"}) {
    ASSERT_EQ(world_.engine(end).tunnels().all().size(), 1U);
    EXPECT_EQ(world_.engine(end).tunnels().all().begin()->second.form, engine::Form::kVersion3) << end;
  }
}

TEST_F(TwoGateways, OneDiscoveryForARuleAndDestinationAtATime) {
  start();
  world_.send(p_);
  world_.send(flow("udp 10.1.0.11:40001 > 10.2.0.10:53"));
  EXPECT_EQ(count("A", Counter::kProbesSent), 1U);
  EXPECT_EQ(count("A", Counter::kFlowsPending), 1U);
  world_.send(flow("udp 10.1.0.10:40000 > 10.2.0.11:53"));
  EXPECT_EQ(count("A", Counter::kProbesSent), 2U);
}

TEST_F(TwoGateways, EarlierBypassLinesOfEitherEndAreNotInTheTunnel) {
  start({bypass("printer", "10.1.5.0/24", "10.2.0.0/16"), protect("branch", "10.1.0.0/16", "10.0.0.0/8")},
        {bypass("dns", "10.2.0.53/32", "10.1.0.0/16"), protect("office", "10.2.0.0/24", "10.1.0.0/16")});
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(world_.engine("A").tunnels().all().size(), 1U);
  EXPECT_TRUE(world_.engine("A").tunnels().cover(p_));
  EXPECT_FALSE(world_.engine("A").tunnels().cover(flow("udp 10.1.5.1:1 > 10.2.0.10:53")));
  EXPECT_FALSE(world_.engine("A").tunnels().cover(flow("udp 10.1.0.10:40000 > 10.2.0.53:53")));
}

// Each end has an exemption in the middle of its rule: one tunnel goes around both.
TEST_F(TwoGateways, OneTunnelGoesAroundTheExemptionsOfBothEnds) {
  start({bypass("printer", "10.1.5.0/24", "10.2.0.0/16"), protect("branch", "10.1.0.0/16", "10.0.0.0/8")},
        {bypass("dns", "10.2.0.53/32", "10.1.0.0/16"), protect("office", "10.2.0.0/24", "10.1.0.0/16")});
  world_.send(p_);
  world_.run_for(1s);
  for (const char* covered :
       {"udp 10.1.255.1:1 > 10.2.0.255:2", "tcp 10.1.4.1:1 > 10.2.0.52:2", "icmp 10.1.6.1:8 > 10.2.0.1:0"}) {
    EXPECT_EQ(world_.send(flow(covered)), Delivery::kEncrypted) << covered;
  }
  EXPECT_EQ(world_.engine("A").tunnels().all().size(), 1U);
}

// Sixty exemptions are more than a response holds: what comes of the exchange is what `tedctl explain` says offline,
// whichever end asks.
TEST_F(TwoGateways, ExplainSaysWhatComesOfMoreExemptionsThanAResponseHolds) {
  std::vector<policy::Rule> a;
  for (int i = 0; i < 60; ++i) {
    const std::string number = std::to_string(i);
    a.push_back(bypass("hole", "10.1." + number + ".7/32", "10.2.0." + std::to_string(4 * i + 1) + "/32"));
  }
  a.push_back(protect("branch", "10.1.0.0/16", "10.0.0.0/8"));
  const std::vector b = {bypass("dns", "10.2.0.53/32", "10.1.0.0/16"), protect("office", "10.2.0.0/24", "10.1.0.0/16")};
  const policy::Snapshot here(a);
  const policy::Snapshot there(b);
  const auto room = wire::response_room(base::Family::kV4);
  start(a, b);
  world_.send(p_.mirrored());
  world_.run_for(1s);
  const auto there_first = policy::explain(there, &here, p_.mirrored(), policy::DataPlane::kKernel, room);
  ASSERT_TRUE(there_first.tunnel);
  EXPECT_NE(policy::explain(there, &here, p_.mirrored(), policy::DataPlane::kKernel).tunnel, there_first.tunnel)
      << "or a response holds all there is to tell";
  ASSERT_EQ(world_.engine("B").tunnels().all().size(), 1U);
  EXPECT_EQ(world_.engine("B").tunnels().all().begin()->second.facts.selectors, there_first.tunnel->boxes());
  EXPECT_TRUE(world_.engine("B").tunnels().cover(flow("udp 10.2.0.31:53 > 10.1.128.1:40000")));
  EXPECT_FALSE(world_.engine("B").tunnels().cover(flow("udp 10.2.0.201:53 > 10.1.128.1:40000")));
  const auto here_first = policy::explain(here, &there, p_, policy::DataPlane::kKernel, room);
  ASSERT_TRUE(here_first.tunnel);
  EXPECT_EQ(here_first.tunnel->mirrored(), *there_first.tunnel);
}

// A peer of an older version announces no lists: it gets the largest single proxy, in as few bytes as before.
TEST_F(TwoGateways, APeerWithoutListsIsAnsweredWithOneProxy) {
  start({protect("branch", "10.1.0.0/16", "10.0.0.0/8")},
        {bypass("dns", "10.2.0.53/32", "10.1.0.0/16"), protect("office", "10.2.0.0/24", "10.1.0.0/16")});
  world_.on_link([](const std::string& arrow, base::Bytes& packet) {
    if (arrow != "A -> B PROBE") return sim::Fate::kArrives;
    auto probe = std::get<wire::Probe>(*wire::decode(wire::udp_of(packet)->payload));
    probe.capabilities = wire::Capabilities{};
    packet = wire::udp_packet(probe.summary->source, probe.summary->destination, 40000, 500, wire::encode(probe));
    return sim::Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows().back(), "A -> B IKE any 10.1.0.0/16 > 10.2.0.0/27");
}

TEST_F(TwoGateways, ATraceTellsWhoAnswersAndBringsNothingUp) {
  start();
  auto& engine = world_.engine("A");
  engine.handle(engine::TraceRequested{engine::TraceId{7}, p_}, world_.now());
  const auto action = engine.next_action();
  EXPECT_TRUE(engine.next_action());  // its report
  ASSERT_TRUE(action);
  EXPECT_EQ(engine.discoveries().size(), 1U);
  world_.run_for(10s);
  EXPECT_EQ(engine.discoveries().size(), 0U);
  EXPECT_TRUE(engine.tunnels().all().empty());
}

class ThreeGateways : public TwoGateways {
 protected:
  // A - M - B: M stands in the path.
  void start_three(std::vector<policy::Rule> middle) {
    world_.add_gateway({"A", address("192.0.2.1"), {protect("branch", "10.1.0.0/16", "10.0.0.0/8")}});
    world_.add_gateway({"M", address("192.0.2.3"), std::move(middle)});
    world_.add_gateway({"B", address("192.0.2.2"), {protect("office", "10.2.0.0/24", "10.1.0.0/16")}});
    world_.place(*base::Prefix::parse("10.1.0.0/16"), 0);
    world_.place(*base::Prefix::parse("10.3.0.0/16"), 2);
    world_.place(*base::Prefix::parse("10.2.0.0/16"), 3);
  }
};

TEST_F(ThreeGateways, AGatewayThatDoesNotProtectTheDestinationLetsTheProbeThrough) {
  start_three({protect("middle", "10.3.0.0/16", "10.1.0.0/16")});
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows(),
            (Arrows{"A -> M PROBE", "M -> B PROBE", "B -> A RESPONSE", "A -> B IKE any 10.1.0.0/16 > 10.2.0.0/24"}));
  EXPECT_EQ(count("M", Counter::kProbesPassedOn), 1U);
}

TEST_F(ThreeGateways, OfTwoInARowTheFirstThatProtectsAnswers) {
  start_three({protect("middle", "10.2.0.0/16", "10.1.0.0/16")});
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows(), (Arrows{"A -> M PROBE", "M -> A RESPONSE", "A -> M IKE any 10.1.0.0/16 > 10.2.0.0/16"}));
  EXPECT_EQ(count("B", Counter::kProbesReceived), 0U);
}

}  // namespace
}  // namespace scenarios
