// Loss, forgery, policies that do not meet, and peers that are not there.
#include "scenarios/two_gateways.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using sim::Delivery;
using sim::Fate;

// Loses the first datagram whose arrow is `what`.
std::function<Fate(const std::string&, base::Bytes&)> lose_first(std::string what) {
  return [what = std::move(what), lost = false](const std::string& arrow, base::Bytes&) mutable {
    if (lost || arrow != what) return Fate::kArrives;
    lost = true;
    return Fate::kLost;
  };
}

TEST_F(TwoGateways, ALostProbeIsSentAgain) {
  start();
  world_.on_link(lose_first("A -> B PROBE"));
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows(), (Arrows{"A -> B PROBE lost", "A -> B PROBE", "B -> A RESPONSE",
                                     "A -> B IKE any 10.1.0.0/16 > 10.2.0.0/24"}));
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
}

TEST_F(TwoGateways, AfterALostResponseTheSameProbeGetsTheSameAnswer) {
  start();
  std::vector<base::Bytes> responses;
  world_.on_link([&](const std::string& arrow, base::Bytes& packet) {
    if (arrow != "B -> A RESPONSE") return Fate::kArrives;
    responses.push_back(packet);
    return responses.size() == 1 ? Fate::kLost : Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(responses.size(), 2U);
  EXPECT_EQ(responses[0], responses[1]);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
}

TEST_F(TwoGateways, AResponseWithAWrongCookieIsRejectedAndCounted) {
  start();
  world_.on_link([](const std::string& arrow, base::Bytes& packet) {
    if (arrow == "B -> A RESPONSE") packet[28] ^= 1;  // the first byte behind IPv4 and UDP headers
    return Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(400ms);
  EXPECT_EQ(count("A", Counter::kResponsesUnknownCookie), 1U);
  EXPECT_EQ(count("A", Counter::kResponsesRejected), 1U);
  EXPECT_EQ(world_.arrows(), (Arrows{"A -> B PROBE", "B -> A RESPONSE"}));
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
}

TEST_F(TwoGateways, AResponseFromAnotherAddressThanItsIdNamesIsRejected) {
  start();
  world_.on_link([](const std::string& arrow, base::Bytes& packet) {
    if (arrow == "B -> A RESPONSE") packet[15] ^= 8;  // IPv4 source address
    return Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(400ms);
  EXPECT_EQ(count("A", Counter::kResponsesBadSource), 1U);
  EXPECT_TRUE(world_.engine("A").tunnels().all().empty());
}

TEST_F(TwoGateways, ALateResponseChangesNothing) {
  start();
  base::Bytes kept;
  world_.on_link([&](const std::string& arrow, base::Bytes& packet) {
    if (arrow == "B -> A RESPONSE") kept = packet;
    return Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(25ms);  // agreed, IKE under way
  auto& engine = world_.engine("A");
  engine.handle(engine::DatagramCaught{kept}, world_.now());
  EXPECT_EQ(count("A", Counter::kResponsesLate), 1U);
  world_.run_for(1s);
  engine.handle(engine::DatagramCaught{kept}, world_.now());
  EXPECT_EQ(count("A", Counter::kResponsesUnknownCookie), 1U);
  EXPECT_EQ(engine.tunnels().all().size(), 1U);
}

TEST_F(TwoGateways, AnEmptyIntersectionBringsNothingUpAndKeepsItsReason) {
  auto a = protect("web", "10.1.0.0/16", "10.0.0.0/8");
  a.protocol = base::Protocol::kUdp;
  auto b = protect("office", "10.2.0.0/24", "10.1.0.0/16");
  b.remote_port = base::PortRange::only(40000);
  b.protocol = base::Protocol::kUdp;
  start({a}, {b});
  // B's answer is for its own line; on the way it is changed to another protocol, so nothing is left in common.
  world_.on_link([](const std::string& arrow, base::Bytes& packet) {
    if (arrow != "B -> A RESPONSE") return Fate::kArrives;
    auto response = std::get<wire::Response>(*wire::decode(wire::udp_of(packet)->payload));
    response.proxy->protocol = base::Protocol::kTcp;
    response.list.reset();
    packet = wire::udp_packet(address("192.0.2.2"), address("192.0.2.1"), 500, 500, wire::encode(response));
    return Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(400ms);
  EXPECT_EQ(count("A", Counter::kDiscoveriesDisagreed), 1U);
  ASSERT_EQ(world_.engine("A").discoveries().size(), 1U);
  const auto& discovery = world_.engine("A").discoveries().all().begin()->second;
  EXPECT_EQ(discovery.state, engine::State::kHoldingDown);
  EXPECT_NE(discovery.reason.find("protocol"), std::string::npos) << discovery.reason;
}

TEST_F(TwoGateways, AnAnswerThatDoesNotContainPBringsNothingUp) {
  start();
  world_.on_link([](const std::string& arrow, base::Bytes& packet) {
    if (arrow != "B -> A RESPONSE") return Fate::kArrives;
    auto response = std::get<wire::Response>(*wire::decode(wire::udp_of(packet)->payload));
    response.proxy->local = masked("10.2.0.128/25");  // P's destination is 10.2.0.10
    response.list.reset();
    packet = wire::udp_packet(address("192.0.2.2"), address("192.0.2.1"), 500, 500, wire::encode(response));
    return Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(400ms);
  EXPECT_EQ(count("A", Counter::kDiscoveriesDisagreed), 1U);
  EXPECT_EQ(world_.arrows().back(), "B -> A RESPONSE");
}

TEST_F(TwoGateways, WithoutAnAnswerItBacksOffHoldsDownAndTriesAnew) {
  start();
  world_.on_link([](const std::string&, base::Bytes&) { return Fate::kLost; });
  world_.send(p_);
  world_.run_for(3s);
  EXPECT_EQ(count("A", Counter::kProbesSent), 3U);
  world_.run_for(1s + 100ms);
  EXPECT_EQ(count("A", Counter::kDiscoveriesUnanswered), 1U);
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
  EXPECT_EQ(count("A", Counter::kFlowsHeldDown), 1U);
  world_.run_for(2s);
  world_.on_link(nullptr);
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
}

TEST_F(TwoGateways, AFailureIsForgottenWhenNothingAsksAgain) {
  start();
  world_.on_link([](const std::string&, base::Bytes&) { return Fate::kLost; });
  world_.send(p_);
  world_.run_for(60s);
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
  EXPECT_FALSE(world_.engine("A").next_deadline());
}

TEST_F(TwoGateways, BypassOpensOnlyAfterFailureAndOnlyForItsRuleAndDestination) {
  auto open = protect("open", "10.1.0.0/16", "10.2.0.0/24");
  open.on_failure = policy::OnFailure::kBypass;
  start({open, protect("strict", "10.1.0.0/16", "10.2.1.0/24")}, {bypass("all", "10.2.0.0/16", "10.1.0.0/16")});
  const auto strict = flow("udp 10.1.0.10:40000 > 10.2.1.10:53");
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
  EXPECT_EQ(world_.send(strict), Delivery::kDropped);
  world_.run_for(5s);
  EXPECT_EQ(world_.send(p_), Delivery::kClear);
  EXPECT_EQ(world_.send(strict), Delivery::kDropped);
  EXPECT_EQ(world_.send(flow("udp 10.1.0.10:40000 > 10.2.0.11:53")), Delivery::kDropped);
  world_.run_for(60s);  // nobody asks any more: closed again
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
}

TEST_F(TwoGateways, AFailureOfIkeHoldsDownWithTheSelectorsThatWereProposed) {
  start();
  world_.on_ike(30ms, [](const engine::BringUp&) { return std::optional<std::string>("TS_UNACCEPTABLE"); });
  world_.send(p_);
  world_.run_for(200ms);
  EXPECT_EQ(count("A", Counter::kDiscoveriesIkeFailed), 1U);
  const auto& reason = world_.engine("A").discoveries().all().begin()->second.reason;
  EXPECT_NE(reason.find("TS_UNACCEPTABLE"), std::string::npos) << reason;
  EXPECT_NE(reason.find("10.1.0.0/16 > 10.2.0.0/24"), std::string::npos) << reason;
}

// Host to host: what userspace ESP would do to its own packets is worse than no tunnel, and is said.
TEST_F(TwoGateways, AUserspaceTunnelThatWouldProtectItsOwnEndIsNotMade) {
  const auto hosts = [](const std::string& self) { return protect("hosts", self, "192.0.2.0/24"); };
  start({hosts("192.0.2.1/32")}, {hosts("192.0.2.2/32")});
  world_.place(*base::Prefix::parse("192.0.2.1/32"), 0);
  world_.place(*base::Prefix::parse("192.0.2.2/32"), 2);
  const base::Flow between = flow("udp 192.0.2.1:40000 > 192.0.2.2:53");
  for (const char* name : {"A", "B"}) world_.tell(name, engine::DataPlaneFound{policy::DataPlane::kUserspace});
  world_.send(between);
  world_.run_for(1s);
  EXPECT_EQ(count("A", Counter::kDiscoveriesDisagreed), 1U);
  const auto& reason = world_.engine("A").discoveries().all().begin()->second.reason;
  EXPECT_NE(reason.find("protect one of its own ends"), std::string::npos) << reason;
  for (const char* name : {"A", "B"}) world_.tell(name, engine::DataPlaneFound{policy::DataPlane::kKernel});
  world_.run_for(10s);
  world_.send(between);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(between), Delivery::kEncrypted);
}

/// Two ends that protect no more of a protocol than some of its types or ports, each with its own data plane.
class OfSomePorts : public TwoGateways {
 protected:
  void start_with(base::Protocol protocol, std::uint16_t local, std::uint16_t remote) {
    auto here = protect("some", "10.1.0.0/24", "10.2.0.0/24");
    here.protocol = protocol;
    here.local_port = base::PortRange::only(local);
    here.remote_port = base::PortRange::only(remote);
    auto there = here;
    std::swap(there.local, there.remote);
    if (!base::is_icmp(protocol)) std::swap(there.local_port, there.remote_port);
    start({here}, {there});
    p_of_it_ = base::Flow{p_.source, p_.destination, protocol, local, remote};
  }
  void run_on(policy::DataPlane a, policy::DataPlane b) {
    world_.tell("A", engine::DataPlaneFound{a});
    world_.tell("B", engine::DataPlaneFound{b});
    world_.send(p_of_it_);
    world_.run_for(1s);
  }
  std::string reason() {
    const auto& all = world_.engine("A").discoveries().all();
    return all.empty() ? "" : all.begin()->second.reason;
  }
  base::Flow p_of_it_;
};

// One that carries nothing must not pass for protection.
TEST_F(OfSomePorts, ThatUserspaceEspCannotSeeThereIsNoTunnel) {
  using enum policy::DataPlane;
  struct Case {
    policy::DataPlane a;
    policy::DataPlane b;
    std::string where;
  };
  start_with(base::Protocol::kIcmp, 8, 0);
  std::uint64_t refused = 0;
  for (const Case& one : {Case{kUserspace, kUserspace, "userspace ESP at both ends sees"},
                          Case{kUserspace, kKernel, "userspace ESP here sees"},
                          Case{kKernel, kUserspace, "userspace ESP at 192.0.2.2 sees"}}) {
    run_on(one.a, one.b);
    EXPECT_EQ(count("A", Counter::kDiscoveriesDisagreed), ++refused) << one.where;
    EXPECT_NE(reason().find(one.where), std::string::npos) << reason();
    EXPECT_NE(reason().find("a tunnel for icmp of some types carries nothing"), std::string::npos) << reason();
    EXPECT_EQ(world_.send(p_of_it_), Delivery::kDropped);
    EXPECT_EQ(count("B", Counter::kTunnelsUp), 0U);
    world_.run_for(10s);
  }
  run_on(kKernel, kKernel);
  EXPECT_EQ(world_.send(p_of_it_), Delivery::kEncrypted);
}

TEST_F(OfSomePorts, OfSctpThereIsNoneEither) {
  start_with(base::Protocol::kSctp, 40000, 3868);
  run_on(policy::DataPlane::kUserspace, policy::DataPlane::kUserspace);
  EXPECT_NE(reason().find("a tunnel for sctp of some ports carries nothing"), std::string::npos) << reason();
}

TEST_F(OfSomePorts, OfUdpThereIsOneInUserspaceAsWell) {
  start_with(base::Protocol::kUdp, 40000, 53);
  run_on(policy::DataPlane::kUserspace, policy::DataPlane::kUserspace);
  EXPECT_EQ(world_.send(p_of_it_), Delivery::kEncrypted);
}

// Whoever asked does not know, or does not care.
TEST_F(OfSomePorts, ThatUserspaceEspCannotSeeATunnelIsTakenDown) {
  start_with(base::Protocol::kIcmp, 8, 0);
  const engine::TunnelUp up{engine::TunnelId{7},
                            address("192.0.2.1"),
                            address("192.0.2.2"),
                            {{base::Protocol::kIcmp, masked("10.2.0.0/24"), masked("10.1.0.0/24"),
                              base::PortRange::only(8), base::PortRange::only(0)}},
                            {}};
  world_.tell("B", engine::DataPlaneFound{policy::DataPlane::kUserspace});
  world_.tell("B", up);
  EXPECT_EQ(count("B", Counter::kTunnelsRefused), 1U);
  EXPECT_TRUE(world_.engine("B").tunnels().all().empty());
  world_.tell("B", engine::DataPlaneFound{policy::DataPlane::kKernel});
  world_.tell("B", up);
  EXPECT_EQ(world_.engine("B").tunnels().all().size(), 1U);
}

TEST_F(TwoGateways, AUserspaceTunnelThatHoldsItsOwnEndIsTakenDown) {
  start({protect("hosts", "192.0.2.1/32", "192.0.2.0/24")}, {protect("hosts", "192.0.2.2/32", "192.0.2.0/24")});
  world_.tell("B", engine::DataPlaneFound{policy::DataPlane::kUserspace});
  world_.tell("B", engine::TunnelUp{engine::TunnelId{7},
                                    address("192.0.2.1"),
                                    address("192.0.2.2"),
                                    {{std::nullopt, masked("192.0.2.2/32"), masked("192.0.2.1/32"), {}, {}}},
                                    {}});
  EXPECT_EQ(count("B", Counter::kTunnelsRefused), 1U);
}

// A peer may ask for other selectors when it rekeys.
TEST_F(TwoGateways, ATunnelThatUserspaceEspCannotCarryOnceItIsRekeyedIsTakenDown) {
  start();
  const base::Address a = address("192.0.2.1");
  const base::Address b = address("192.0.2.2");
  world_.tell("B", engine::DataPlaneFound{policy::DataPlane::kUserspace});
  const auto up = [&](std::uint64_t id, std::optional<base::Protocol> protocol, base::PortRange ports) {
    return engine::TunnelUp{
        engine::TunnelId{id}, a, b, {{protocol, masked("10.2.0.0/24"), masked("10.1.0.0/24"), ports, ports}}, {}};
  };
  world_.tell("B", up(7, std::nullopt, {}));
  ASSERT_EQ(world_.engine("B").tunnels().all().size(), 1U);
  world_.tell("B", engine::TunnelRekeyed{engine::TunnelId{7}, up(8, base::Protocol::kIcmp, base::PortRange::only(8))});
  EXPECT_EQ(count("B", Counter::kTunnelsRefused), 1U);
  EXPECT_TRUE(world_.engine("B").tunnels().all().empty());
}

/// What A hears of the tunnel that it asked for, while IKE takes its time.
class Asked : public TwoGateways {
 protected:
  engine::State told(const std::vector<std::string>& remotes) {
    start();
    world_.on_ike(10s, [](const engine::BringUp&) { return std::nullopt; });
    world_.send(p_);
    world_.run_for(1s);
    const auto& discoveries = world_.engine("A").discoveries();
    engine::TunnelUp up{engine::TunnelId{7}, address("192.0.2.2"), address("192.0.2.1"), {}, {}};
    up.cookie = discoveries.all().begin()->second.cookie;
    for (const auto& remote : remotes) {
      up.selectors.push_back({std::nullopt, masked("10.1.0.0/16"), masked(remote), {}, {}});
    }
    world_.tell("A", up);
    return discoveries.all().empty() ? engine::State::kFinished : discoveries.all().begin()->second.state;
  }
};

TEST_F(Asked, AnswersToTheSameTrafficInThePiecesOfThePeersRule) {
  EXPECT_EQ(told({"10.2.0.128/25", "10.2.0.0/26", "10.2.0.64/26"}), engine::State::kFinished);
}

TEST_F(Asked, DoesNotAnswerToLess) {
  EXPECT_EQ(told({"10.2.0.128/25", "10.2.0.0/26"}), engine::State::kHoldingDown);
}

// One that is never answered and always asks first must not hold down the others (found by `tedsim --random --seed
// 154`).
TEST_F(TwoGateways, AFlowThatWaitedForAnothersHoldDownIsNext) {
  auto tcp = protect("office", "10.2.0.0/24", "10.1.0.0/16");
  tcp.protocol = base::Protocol::kTcp;
  start({protect("branch", "10.1.0.0/16", "10.0.0.0/8")}, {tcp});
  const base::Flow answered = flow("tcp 10.1.0.10:40000 > 10.2.0.10:443");
  world_.send(p_);
  world_.run_for(4500ms);  // given up, and held down
  world_.send(answered);
  ASSERT_EQ(count("A", Counter::kFlowsHeldDown), 1U);
  world_.run_for(1s);
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(answered), Delivery::kEncrypted);
}

TEST_F(TwoGateways, ATunnelThatPolicyDoesNotProtectIsTakenDown) {
  start();
  auto& engine = world_.engine("B");
  engine.handle(engine::TunnelUp{engine::TunnelId{99},
                                 address("192.0.2.66"),
                                 address("192.0.2.2"),
                                 {{std::nullopt, masked("10.2.0.0/16"), masked("10.9.0.0/16"), {}, {}}},
                                 {}},
                world_.now());
  bool taken_down = false;
  while (auto action = engine.next_action()) {
    if (const auto* down = std::get_if<engine::TakeDown>(&*action)) taken_down = down->id == engine::TunnelId{99};
  }
  EXPECT_TRUE(taken_down);
  EXPECT_TRUE(engine.tunnels().all().empty());
}

TEST_F(TwoGateways, AReloadTakesDownWhatItNoLongerProtects) {
  start();
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(world_.engine("A").tunnels().all().size(), 1U);
  auto& engine = world_.engine("A");
  engine.handle(engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(
                    std::vector{protect("other", "10.1.0.0/16", "10.9.0.0/16")})},
                world_.now());
  EXPECT_TRUE(engine.tunnels().all().empty());
  EXPECT_EQ(count("A", Counter::kTunnelsRefused), 1U);
}

TEST_F(TwoGateways, AProbeThatNamesAnUnusableGatewayIsNotAnswered) {
  start();
  for (const char* victim : {"224.0.0.1", "255.255.255.255", "127.0.0.1", "0.0.0.0"}) {
    wire::Probe probe{
        .initiator_cookie = {1}, .gateway = address(victim), .half_proxy = {}, .capabilities = {}, .summary = p_};
    world_.engine("B").handle(
        engine::DatagramCaught{wire::udp_packet(p_.source, p_.destination, 40000, 500, wire::encode(probe))},
        world_.now());
    while (auto action = world_.engine("B").next_action())
      EXPECT_FALSE(std::holds_alternative<engine::Transmit>(*action));
  }
  EXPECT_EQ(count("B", Counter::kProbesBadGateway), 4U);
}

}  // namespace
}  // namespace scenarios
