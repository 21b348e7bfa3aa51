// Standing tunnels that lead nowhere any more: their peer has lost them, or the route leads elsewhere.
#include "engine/limits.hpp"
#include "engine/probe.hpp"
#include "scenarios/two_gateways.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using engine::TunnelId;
using sim::Delivery;
using sim::Fate;

constexpr std::uint32_t kTellsTunnels = wire::Capabilities::kTellsTunnels;
constexpr std::uint32_t kTunnelStands = wire::Capabilities::kTunnelStands;
constexpr base::Duration kNoticed = engine::kCheckEvery + engine::kCheckStrikes * engine::kCheckWindow;

/// The response in `packet` with other flags.
void set_flags(base::Bytes& packet, std::uint32_t set, std::uint32_t clear) {
  const auto datagram = wire::udp_of(packet);
  auto message = std::get<wire::Response>(*wire::decode(datagram->payload));
  message.capabilities->bits = (message.capabilities->bits & ~clear) | set;
  packet = wire::udp_packet(datagram->source, datagram->destination, 500, 500, wire::encode(message));
}

class Path : public TwoGateways {
 protected:
  void start_with_tunnel() {
    start();
    bring_up();
  }
  void bring_up() {
    world_.send(p_);
    world_.run_for(1s);
    ASSERT_EQ(tunnels_at("A"), 1U);
    ASSERT_EQ(world_.send(p_), Delivery::kEncrypted);
    world_.run_for(engine::kSettled);
  }
  /// A third gateway behind B protects what B does.
  void start_with_third() {
    world_.add_gateway({"A", address("192.0.2.1"), {protect("branch", "10.1.0.0/16", "10.0.0.0/8")}});
    world_.add_gateway({"B", address("192.0.2.2"), {protect("office", "10.2.0.0/24", "10.1.0.0/16")}});
    world_.add_gateway({"C", address("192.0.2.3"), {protect("other", "10.2.0.0/24", "10.1.0.0/16")}});
    world_.place(*base::Prefix::parse("10.1.0.0/16"), 0);
    world_.place(*base::Prefix::parse("10.2.0.0/16"), 3);
    world_.lead_around("C");
    bring_up();
  }
  std::size_t tunnels_at(const std::string& gateway) { return world_.engine(gateway).tunnels().all().size(); }
  const engine::Tunnel& tunnel_at(const std::string& gateway) {
    return world_.engine(gateway).tunnels().all().begin()->second;
  }
  /// charon says that a tunnel came up for which A asked.
  void tell_of(const std::string& gateway, std::uint64_t id, const std::vector<base::Selector>& selectors) {
    const base::Address here = address(gateway == "A" ? "192.0.2.1" : "192.0.2.2");
    const base::Address there = address(gateway == "A" ? "192.0.2.2" : "192.0.2.1");
    const auto cookie = gateway == "A" ? std::optional(wire::Cookie{9}) : std::nullopt;
    world_.tell(gateway, engine::TunnelUp{TunnelId{id}, there, here, selectors, cookie});
  }
  /// That gateway's charon ended without a word, and started again.
  void lose_tunnel(const std::string& gateway) {
    world_.tell(gateway, engine::TunnelDown{tunnel_at(gateway).facts.id});
  }
};

TEST_F(Path, EveryTunnelIsProbedForFromBothEndsAndNothingComesOfIt) {
  start_with_tunnel();
  const std::size_t before = world_.arrows().size();
  const auto answered = count("B", Counter::kProbesAnswered);
  const auto checked = [this, first_a = count("A", Counter::kPathChecks), first_b = count("B", Counter::kPathChecks)] {
    return std::pair(count("A", Counter::kPathChecks) - first_a, count("B", Counter::kPathChecks) - first_b);
  };
  world_.run_for(60s);
  const auto [from_a, from_b] = checked();
  EXPECT_GE(from_a, 6U);
  EXPECT_LE(from_a, 8U);
  EXPECT_GE(from_b, 6U);
  EXPECT_EQ(count("B", Counter::kProbesAnswered) - answered, from_a);
  EXPECT_EQ(world_.arrows().size() - before, 2 * (from_a + from_b));
  EXPECT_EQ(tunnels_at("A"), 1U);
  EXPECT_EQ(tunnels_at("B"), 1U);
  EXPECT_EQ(count("A", Counter::kResponsesRejected), 0U);
}

/// The end that loses the tunnel; packets come only from the one that has not noticed.
class PathLost : public Path, public testing::WithParamInterface<std::string> {};

TEST_P(PathLost, ATunnelThatThePeerHasLostIsTakenDownAndTheNextPacketDiscovers) {
  const std::string keeps = GetParam() == "A" ? "B" : "A";
  const base::Flow flow = keeps == "A" ? p_ : p_.mirrored();
  start_with_tunnel();
  lose_tunnel(GetParam());
  EXPECT_EQ(world_.send(flow), Delivery::kBlackholed);
  world_.run_for(kNoticed);
  EXPECT_EQ(tunnels_at(keeps), 0U);
  EXPECT_EQ(count(keeps, Counter::kTunnelsLost), 1U);
  world_.send(flow);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(flow), Delivery::kEncrypted);
}

INSTANTIATE_TEST_SUITE_P(AtEitherEnd, PathLost, testing::Values("A", "B"));

TEST_F(Path, AProbeForAPacketThatATunnelShouldCarryBringsItsCheckForward) {
  start_with_tunnel();
  lose_tunnel("A");
  world_.on_ike(20s, [](const engine::BringUp&) { return std::nullopt; });  // nothing else can help
  world_.tell("A", engine::FlowCaught{p_});
  world_.run_for(engine::kUnderWay + 2 * engine::kCheckWindow);
  const auto checks = count("B", Counter::kPathChecks);
  EXPECT_GE(checks, 1U);
}

TEST_F(Path, ANewTunnelOfARestartedPeerReplacesItsOldOneAtOnce) {
  start_with_tunnel();
  const TunnelId old = tunnel_at("B").facts.id;
  lose_tunnel("A");
  world_.send(p_);
  world_.run_for(200ms);
  EXPECT_EQ(count("B", Counter::kTunnelsReplaced), 1U);
  ASSERT_EQ(tunnels_at("B"), 1U);
  EXPECT_NE(tunnel_at("B").facts.id, old);
  EXPECT_EQ(world_.send(p_.mirrored()), Delivery::kEncrypted);
}

TEST_F(Path, AnOldTunnelThatHoldsMoreOrLessThanTheNewOneOfItsPeerIsReplacedToo) {
  const std::vector<base::Selector> narrow{
      {base::Protocol::kUdp, masked("10.2.0.0/24"), masked("10.1.0.0/24"), {}, {}}};
  start_with_tunnel();
  tell_of("B", 98, narrow);
  EXPECT_EQ(count("B", Counter::kTunnelsReplaced), 1U);
  world_.run_for(engine::kSettled);
  tell_of("B", 99, {{std::nullopt, masked("10.2.0.0/24"), masked("10.1.0.0/16"), {}, {}}});
  EXPECT_EQ(count("B", Counter::kTunnelsReplaced), 2U);
}

// A peer asks for what no tunnel of its own carries: what only overlaps is one more.
TEST_F(Path, ATunnelForOtherFlowsOfAPeerReplacesNothing) {
  start();
  tell_of("B", 98, {{std::nullopt, masked("10.2.0.0/25"), masked("10.1.0.0/16"), {}, {}}});
  world_.run_for(2 * engine::kSettled);
  tell_of("B", 99, {{std::nullopt, masked("10.2.0.0/24"), masked("10.1.1.0/24"), {}, {}}});
  EXPECT_EQ(count("B", Counter::kTunnelsReplaced), 0U);
  EXPECT_EQ(tunnels_at("B"), 2U);
}

// Anybody can send a probe in A's name, for a flow that an old tunnel and one to come both carry.
TEST_F(Path, AForgedProbeReplacesNoTunnel) {
  start();
  tell_of("B", 98, {{std::nullopt, masked("10.2.0.0/25"), masked("10.1.0.0/16"), {}, {}}});
  world_.run_for(2 * engine::kSettled);
  const base::Flow both = flow("udp 10.1.1.7:40000 > 10.2.0.10:53");
  world_.tell("B", engine::DatagramCaught{
                       engine::packet_of(engine::probe_for(both, wire::Cookie{1}, address("192.0.2.1"), nullptr))});
  ASSERT_EQ(count("B", Counter::kProbesAnswered), 1U);
  tell_of("B", 99, {{std::nullopt, masked("10.2.0.0/24"), masked("10.1.1.0/24"), {}, {}}});
  EXPECT_EQ(count("B", Counter::kTunnelsReplaced), 0U);
}

// … nor does it keep B's checks for ever from a flow that tells something: what A names while nobody answers counts.
TEST_F(Path, AForgedProbeDoesNotBlindChecks) {
  world_.add_gateway({"A", address("192.0.2.1"), {protect("branch", "10.1.0.0/16", "10.0.0.0/8")}});
  world_.add_gateway({"B", address("192.0.2.2"), {protect("office", "10.2.0.0/24", "10.1.0.0/16")}});
  world_.place(*base::Prefix::parse("10.1.0.0/24"), 0);
  world_.place(*base::Prefix::parse("10.2.0.0/16"), 2);
  const base::Flow nowhere = flow("udp 10.1.1.7:40000 > 10.2.0.10:53");  // its source is behind nobody
  world_.tell("A", engine::FlowCaught{p_});
  world_.on_link([&, was = false](const std::string& arrow, base::Bytes&) mutable {
    if (arrow == "B -> A RESPONSE" && !std::exchange(was, true)) {
      world_.tell("B", engine::DatagramCaught{engine::packet_of(
                           engine::probe_for(nowhere, wire::Cookie{1}, address("192.0.2.1"), nullptr))});
    }
    return Fate::kArrives;
  });
  world_.run_for(1s);
  ASSERT_EQ(tunnel_at("B").flow, nowhere.mirrored());
  world_.run_for(kNoticed);
  EXPECT_EQ(tunnel_at("B").flow, p_.mirrored());
  lose_tunnel("A");
  world_.run_for(2 * kNoticed);
  EXPECT_EQ(tunnels_at("B"), 0U);
}

// Both ends rekey at once, and charon ends one of the two that come of it: the other must not go for being the older.
TEST_F(Path, TwoThatComeOfARekeyingFromBothEndsReplaceNothing) {
  start_with_tunnel();
  world_.run_for(60s);
  engine::TunnelUp one = tunnel_at("B").facts;
  const TunnelId before = one.id;
  one.id = TunnelId{98};
  world_.tell("B", engine::TunnelRekeyed{before, one});
  one.id = TunnelId{99};
  world_.tell("B", engine::TunnelRekeyed{before, one});
  EXPECT_EQ(count("B", Counter::kTunnelsReplaced), 0U);
  EXPECT_EQ(tunnels_at("B"), 2U);
}

/// The end that has two.
class PathDouble : public Path, public testing::WithParamInterface<std::string> {};

// Which of the two is dead nobody can tell; whatever is taken down, soon one that both ends have is left, or made.
TEST_P(PathDouble, ADeadTunnelBesideAGoodOneThatCarriesTheSameDoesNotStay) {
  start();
  world_.send(p_);
  world_.run_for(1s);
  engine::TunnelUp twin = tunnel_at(GetParam()).facts;
  twin.id = TunnelId{99};
  world_.tell(GetParam(), twin);  // both came up a moment ago, as when two cross
  EXPECT_EQ(count(GetParam(), Counter::kTunnelsReplaced), 0U);
  for (int i = 0; i < 120; ++i) {
    world_.send(p_);
    world_.run_for(500ms);
  }
  EXPECT_EQ(tunnels_at("A"), 1U);
  EXPECT_EQ(tunnels_at("B"), 1U);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_EQ(world_.send(p_.mirrored()), Delivery::kEncrypted);
}

INSTANTIATE_TEST_SUITE_P(AtEitherEnd, PathDouble, testing::Values("A", "B"));

// Each end has one that the other asked for, or that it asked for itself, and that the other has lost.
TEST_F(Path, TwoThatCarryTheSameAndStandAtOneEndEachAreBothNoticed) {
  start_with_tunnel();
  engine::TunnelUp other = tunnel_at("B").facts;
  const TunnelId lost = other.id;
  other.id = TunnelId{99};
  other.cookie = wire::Cookie{7};
  world_.tell("B", engine::TunnelDown{lost});
  world_.tell("B", other);
  EXPECT_EQ(world_.send(p_), Delivery::kBlackholed);
  EXPECT_EQ(world_.send(p_.mirrored()), Delivery::kBlackholed);
  world_.run_for(2 * kNoticed);
  EXPECT_EQ(tunnels_at("A"), 0U);
  EXPECT_EQ(tunnels_at("B"), 0U);
}

// The flow that a tunnel was made for is in another one, too: a flow that is not tells whether it stands.
TEST_F(Path, ADeadTunnelIsSeenBesideAGoodOneThatCarriesItsFlow) {
  start();
  const base::Selector good{std::nullopt, masked("10.1.0.0/24"), masked("10.2.0.0/24"), {}, {}};
  tell_of("A", 98, {good});
  tell_of("B", 98, {good.mirrored()});
  tell_of("A", 99, {{std::nullopt, masked("10.1.0.0/16"), masked("10.2.0.0/25"), {}, {}}});
  world_.run_for(2 * kNoticed);
  EXPECT_EQ(count("A", Counter::kTunnelsLost), 1U);
  EXPECT_TRUE(world_.engine("A").tunnels().all().contains(TunnelId{98}));
  EXPECT_EQ(tunnels_at("A"), 1U);
}

TEST_F(Path, LostProbesAndLostAnswersCostNoTunnel) {
  start_with_tunnel();
  for (const std::string lost : {"A -> B PROBE", "B -> A RESPONSE"}) {
    world_.on_link(
        [&](const std::string& arrow, base::Bytes&) { return arrow == lost ? Fate::kLost : Fate::kArrives; });
    world_.run_for(10min);
    EXPECT_EQ(tunnels_at("A"), 1U) << lost;
  }
  EXPECT_GE(count("A", Counter::kPathChecks), 100U);
}

TEST_F(Path, OneAnswerThatSaysNoIsNotEnough) {
  start_with_tunnel();
  world_.on_link([nth = 0](const std::string& arrow, base::Bytes& packet) mutable {
    if (arrow == "B -> A RESPONSE" && nth++ % 2 == 0) set_flags(packet, 0, kTunnelStands);
    return Fate::kArrives;
  });
  world_.run_for(10min);
  EXPECT_EQ(count("A", Counter::kTunnelsLost), 0U);
  EXPECT_EQ(tunnels_at("A"), 1U);
}

// Somebody on the path sees the probes and answers them in B's name, but cannot keep B's own answers back.
TEST_F(Path, AForgedNoBesideTheTrueYesTakesNothingDown) {
  start_with_tunnel();
  world_.on_link([this](const std::string& arrow, base::Bytes& packet) {
    if (arrow == "B -> A RESPONSE") {
      base::Bytes forged = packet;
      set_flags(forged, 0, kTunnelStands);
      world_.tell("A", engine::DatagramCaught{forged});
      set_flags(forged, 0, kTellsTunnels | kTunnelStands);
    }
    return Fate::kArrives;
  });
  world_.run_for(10min);
  EXPECT_EQ(tunnels_at("A"), 1U);
  EXPECT_EQ(count("A", Counter::kTunnelsLost), 0U);
}

TEST_F(Path, AnswersWithAnotherCookieOrFromElsewhereAreRejected) {
  start_with_tunnel();
  world_.on_link([nth = 0](const std::string& arrow, base::Bytes& packet) mutable {
    if (arrow != "B -> A RESPONSE") return Fate::kArrives;
    set_flags(packet, 0, kTunnelStands);
    nth++ % 2 == 0 ? packet[28] ^= 1 : packet[15] ^= 8;  // cookie, or source address
    return Fate::kArrives;
  });
  world_.run_for(5min);
  EXPECT_EQ(tunnels_at("A"), 1U);
  EXPECT_GE(count("A", Counter::kResponsesUnknownCookie), 10U);
  EXPECT_GE(count("A", Counter::kResponsesBadSource), 10U);
}

TEST_F(Path, APeerThatDoesNotTellOfTunnelsKeepsThem) {
  start_with_tunnel();
  world_.on_link([](const std::string& arrow, base::Bytes& packet) {
    if (arrow == "B -> A RESPONSE") set_flags(packet, 0, kTellsTunnels | kTunnelStands);
    return Fate::kArrives;
  });
  world_.run_for(5min);
  EXPECT_EQ(tunnels_at("A"), 1U);
}

TEST_F(Path, WhenTheRouteLeadsToAnotherGatewayTheTunnelMovesThere) {
  start_with_third();
  world_.lead_around("B");
  world_.lead_around("C", false);
  world_.run_for(kNoticed);
  EXPECT_EQ(count("A", Counter::kTunnelsMoved), 1U);
  EXPECT_EQ(tunnels_at("A"), 0U);
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(tunnels_at("A"), 1U);
  EXPECT_EQ(tunnel_at("A").facts.peer, address("192.0.2.3"));
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
}

TEST_F(Path, AnotherGatewayThatAnswersBesideThePeerTakesNothingDown) {
  start_with_third();
  world_.on_link([this](const std::string& arrow, base::Bytes& packet) {
    if (arrow == "A -> B PROBE") world_.tell("C", engine::DatagramCaught{packet});
    return Fate::kArrives;
  });
  world_.run_for(5min);
  EXPECT_GE(count("C", Counter::kProbesAnswered), 25U);
  EXPECT_EQ(count("A", Counter::kTunnelsMoved), 0U);
  EXPECT_EQ(tunnel_at("A").facts.peer, address("192.0.2.2"));
}

// Packets in return are quicker: C asks, and what it answers to the check of B's tunnel is about its own.
TEST_F(Path, ATunnelThatTheNewGatewayMadeDoesNotKeepTheOldOne) {
  start_with_third();
  world_.lead_around("B");
  world_.lead_around("C", false);
  world_.send(p_.mirrored());
  world_.run_for(1s);
  EXPECT_EQ(tunnels_at("A"), 2U);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  world_.run_for(kNoticed);
  ASSERT_EQ(tunnels_at("A"), 1U);
  EXPECT_EQ(tunnel_at("A").facts.peer, address("192.0.2.3"));
  EXPECT_EQ(tunnels_at("C"), 1U);
}

// A tunnel that was found at start: nobody knows which of its flows go where.
TEST_F(Path, AFoundTunnelIsCheckedWithAnyFlowAndMovesOnlyOnceItsOwnIsKnown) {
  start_with_third();
  engine::TunnelUp found = tunnel_at("A").facts;
  const auto restart = [&] {
    world_.tell("A", engine::TunnelDown{found.id});
    world_.tell("A", found);
  };
  restart();
  EXPECT_TRUE(tunnel_at("A").is_sample);
  EXPECT_EQ(tunnel_at("A").flow, flow("udp 10.1.0.1:1 > 10.2.0.1:1"));
  world_.lead_around("B");
  world_.lead_around("C", false);
  world_.on_link(
      [](const std::string& arrow, base::Bytes&) { return arrow.starts_with("B ->") ? Fate::kLost : Fate::kArrives; });
  world_.run_for(60s);
  EXPECT_EQ(tunnels_at("A"), 1U);
  world_.on_link([](const std::string&, base::Bytes&) { return Fate::kArrives; });
  world_.run_for(kNoticed);  // B checks as well, and so A hears of P
  EXPECT_FALSE(world_.engine("A").tunnels().all().contains(found.id) && tunnel_at("A").is_sample);
  world_.run_for(kNoticed);
  EXPECT_EQ(count("A", Counter::kTunnelsMoved), 1U);
}

TEST_F(Path, WhenRoutesChangeTunnelsAreCheckedSoon) {
  start_with_third();
  world_.lead_around("B");
  world_.lead_around("C", false);
  world_.tell("A", engine::RoutesChanged{});
  world_.run_for(engine::kCheckStrikes * engine::kCheckWindow + 100ms);
  EXPECT_EQ(count("A", Counter::kTunnelsMoved), 1U);
}

TEST_F(Path, RoutesThatNeverRestAreHeardNowAndThen) {
  start_with_tunnel();
  const auto before = count("A", Counter::kPathChecks);
  for (int i = 0; i < 600; ++i) {
    world_.tell("A", engine::RoutesChanged{});
    world_.run_for(100ms);
  }
  EXPECT_LE(count("A", Counter::kPathChecks) - before, 60s / engine::kRoutesPause + 1);
  EXPECT_GE(count("A", Counter::kPathChecks) - before, 60s / engine::kRoutesPause - 1);
}

TEST_F(Path, HoweverManyTunnelsNotMoreThanAHundredAreProbedForInASecond) {
  start_with_tunnel();
  engine::TunnelUp one = tunnel_at("A").facts;
  one.cookie.reset();
  for (std::uint32_t i = 0; i < 3000; ++i) {
    one.id = TunnelId{1000 + i};
    one.selectors = {base::Selector::of({.source = p_.source, .destination = base::Address::v4(0x0a020000 + i)})};
    world_.tell("A", one);
  }
  world_.run_for(20s);
  const auto before = count("A", Counter::kPathChecks);
  world_.tell("A", engine::RoutesChanged{});
  world_.run_for(1s);
  // Those that say no, as B does of most of these, are asked again at once.
  EXPECT_LE(count("A", Counter::kPathChecks) - before, 202U);
  EXPECT_GE(count("A", Counter::kPathChecks) - before, 100U);
}

TEST_F(Path, WhatMayNotBeProbedForIsNotChecked) {
  start_with_tunnel();
  policy::Rule quiet = protect("branch", "10.1.0.0/16", "10.0.0.0/8");
  quiet.discover = false;
  world_.tell("A", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(std::vector{quiet})});
  const auto before = count("A", Counter::kPathChecks);
  world_.run_for(5min);
  EXPECT_EQ(count("A", Counter::kPathChecks), before);
}

// The machine slept for hours, or its clock was set: every timer is due at once, and nothing that stands goes.
TEST_F(Path, AJumpOfTheClockDoesNoHarm) {
  start_with_tunnel();
  world_.jump(100h);
  world_.run_for(60s);
  EXPECT_EQ(tunnels_at("A"), 1U);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);

  world_.send(flow("udp 10.1.0.10:40000 > 10.3.0.10:53"));  // nobody answers
  world_.run_for(100ms);
  world_.jump(100h);
  world_.run_for(60s);
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);

  lose_tunnel("A");
  lose_tunnel("B");
  world_.send(p_);
  world_.run_for(15ms);  // between probe and response
  world_.jump(100h);
  world_.run_for(10s);
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_EQ(count("A", Counter::kIllegalMoves), 0U);
}

}  // namespace
}  // namespace scenarios
