// Who may answer, who may ask, and what each is told: discovery that proves itself (docs/protocol.md section 12).
#include <memory>
#include <utility>

#include "engine/probe.hpp"
#include "scenarios/two_gateways.hpp"
#include "sim/authenticator.hpp"
#include "wire/codec.hpp"
#include "wire/layout.hpp"
#include "wire/packet.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using sim::Delivery;
using sim::Keys;

base::AddressSet blocks(std::initializer_list<const char*> prefixes) {
  base::AddressSet set;
  for (const char* prefix : prefixes) set.add(*base::Prefix::parse(prefix));
  return set;
}

class Authentication : public TwoGateways {
 protected:
  void start(Keys a, Keys b, bool wanted = true) {
    a_rule_.authenticated = wanted;
    b_rule_.authenticated = wanted;
    a_ = std::make_unique<sim::SeededAuthenticator>(std::move(a), [this] { return day_ + a_off_ + since_start(); });
    b_ = std::make_unique<sim::SeededAuthenticator>(std::move(b), [this] { return day_ + since_start(); });
    world_.add_gateway({"A", address("192.0.2.1"), {a_rule_}, a_.get()});
    world_.add_gateway({"B", address("192.0.2.2"), {b_rule_}, b_.get()});
    world_.place(*base::Prefix::parse("10.1.0.0/16"), 0);
    world_.place(*base::Prefix::parse("10.2.0.0/16"), 2);
  }
  /// Sends P until a tunnel carries it, or for long enough.
  Delivery try_for(base::Duration span) {
    for (const base::Instant end = world_.now() + span; world_.now() < end; world_.run_for(500ms)) {
      if (world_.send(p_) == Delivery::kEncrypted) return Delivery::kEncrypted;
    }
    return world_.send(p_);
  }
  /// What A's failed discovery says.
  std::string reason() {
    for (const auto& [id, discovery] : world_.engine("A").discoveries().all()) return discovery.reason;
    return "there is none";
  }
  [[nodiscard]] base::Duration since_start() const { return world_.now().time_since_epoch(); }

  policy::Rule a_rule_ = protect("branch", "10.1.0.0/16", "10.0.0.0/8");
  policy::Rule b_rule_ = protect("office", "10.2.0.0/24", "10.1.0.0/16");
  base::Instant day_{std::chrono::hours(500'000)};
  base::Duration a_off_{};
  std::unique_ptr<sim::SeededAuthenticator> a_;
  std::unique_ptr<sim::SeededAuthenticator> b_;
};

TEST_F(Authentication, TwoThatHaveTheSameKeyFindEachOther) {
  start({.key = 7}, {.key = 7});
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_GE(count("B", Counter::kProbesProven), 1U);
  EXPECT_GE(count("A", Counter::kResponsesProven), 1U);
  EXPECT_TRUE(world_.engine("A").peers().find(address("192.0.2.2"))->proof == "keyed hash");
}

TEST_F(Authentication, BothEndsKnowHowTheOtherProvedItself) {
  start({.key = 7}, {.key = 7}, false);
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_EQ(world_.engine("B").peers().find(address("192.0.2.1"))->proof, "keyed hash");
  b_->change({});
  world_.run_for(20s);  // a check of the tunnel's path tells
  EXPECT_EQ(world_.engine("A").peers().find(address("192.0.2.2"))->proof, "");
}

TEST_F(Authentication, AnErrorAboutAStrangersProbeStartsNoDiscovery) {
  start({.key = 7}, {.key = 7});
  const auto error = flow("icmp 10.2.0.10:3 > 10.1.0.10:3");
  world_.tell("B", engine::FlowCaught{error, {}, true});
  EXPECT_EQ(world_.engine("B").discoveries().size(), 0U);
  EXPECT_EQ(count("B", Counter::kFlowsAboutProbes), 1U);
  world_.tell("B", engine::FlowCaught{error});
  EXPECT_EQ(world_.engine("B").discoveries().size(), 1U);
}

TEST_F(Authentication, ATraceSaysWhoIsNotBelieved) {
  start({.authority = 1, .identity = "gw-a"}, {.authority = 1, .identity = "gw-b", .blocks = blocks({"10.9.0.0/16"})});
  world_.tell("A", engine::TraceRequested{engine::TraceId{1}, p_});
  world_.run_for(5s);
  EXPECT_NE(world_.traced("A").find("'gw-b' may speak for 10.9.0.0/16 only"), std::string::npos) << world_.traced("A");
}

class Echo : public Authentication {
 protected:
  void start_signed() {
    start({.authority = 1, .identity = "gw-a"}, {.authority = 1, .identity = "gw-b"});
    b_->be_busy();
  }
  /// What B sent to A last, and A's probes, each with the cookie that it echoes.
  void watch(std::function<sim::Fate(const std::string&, const wire::Message&)> judge = {}) {
    world_.on_link([this, judge = std::move(judge)](const std::string& what, base::Bytes& packet) {
      const auto message = *wire::decode(wire::udp_of(packet)->payload);
      if (const auto* probe = std::get_if<wire::Probe>(&message)) echoes_.push_back(probe->echo);
      if (const auto* response = std::get_if<wire::Response>(&message)) asked_.push_back(response->asks_for_echo());
      return judge ? judge(what, message) : sim::Fate::kArrives;
    });
  }
  base::Bytes wanted_echo(const wire::Cookie& cookie, const char* from = "192.0.2.2") {
    const wire::Response wanted{.initiator_cookie = cookie,
                                .responder_cookie = {9},
                                .gateway = address(from),
                                .half_proxy = {},
                                .capabilities = {{wire::Capabilities::kEchoes}},
                                .proxy = {}};
    return wire::udp_packet(address("192.0.2.2"), address("192.0.2.1"), 500, 500, wire::encode(wanted));
  }
  /// Sends P, whose probes and whatever answers them get lost; the cookie of the probe.
  wire::Cookie probe_into_the_void() {
    std::optional<wire::Cookie> cookie;
    watch([&cookie](const std::string&, const wire::Message& message) {
      if (const auto* probe = std::get_if<wire::Probe>(&message)) cookie = probe->initiator_cookie;
      return sim::Fate::kLost;
    });
    world_.send(p_);
    watch([](const std::string&, const wire::Message&) { return sim::Fate::kLost; });
    return cookie.value();
  }
  std::vector<wire::Cookie> echoes_;
  std::vector<bool> asked_;
};

TEST_F(Echo, IsAskedForWhenStrangersKeepAResponderBusy) {
  start_signed();
  watch();
  world_.send(p_);
  world_.run_for(100ms);
  EXPECT_EQ(asked_, (std::vector{true, false}));
  ASSERT_EQ(echoes_.size(), 2U);
  EXPECT_EQ(echoes_[0], wire::Cookie{});
  EXPECT_NE(echoes_[1], wire::Cookie{});
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_EQ(count("B", Counter::kProbesEchoAsked), 1U);
  EXPECT_EQ(count("A", Counter::kProbesEchoed), 1U);
  EXPECT_EQ(count("B", Counter::kProbesWrongEcho), 0U);
}

TEST_F(Echo, IsNotAskedForByOneThatHasTime) {
  start_signed();
  b_->be_busy(false);
  watch();
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_EQ(count("B", Counter::kProbesEchoAsked), 0U);
}

TEST_F(Echo, ThatGetsLostIsAskedForAgain) {
  start_signed();
  int lost = 0;
  watch([&lost](const std::string&, const wire::Message& message) {
    const auto* probe = std::get_if<wire::Probe>(&message);
    const bool is_echo = probe != nullptr && probe->echo != wire::Cookie{};
    return is_echo && ++lost == 1 ? sim::Fate::kLost : sim::Fate::kArrives;
  });
  EXPECT_EQ(try_for(5s), Delivery::kEncrypted);
  EXPECT_EQ(asked_, (std::vector{true, true, false}));
}

TEST_F(Echo, OfAnotherCookieIsNone) {
  start_signed();
  world_.on_link([](const std::string&, base::Bytes& packet) {
    auto message = *wire::decode(wire::udp_of(packet)->payload);
    const auto* probe = std::get_if<wire::Probe>(&message);
    if (probe != nullptr && probe->echo != wire::Cookie{}) packet[28 + 15] ^= 1U;  // behind the IP and UDP headers
    return sim::Fate::kArrives;
  });
  EXPECT_NE(try_for(3s), Delivery::kEncrypted);
  EXPECT_GE(count("B", Counter::kProbesWrongEcho), 1U);
}

// Whoever sees a probe can ask for echoes in any gateway's name: that makes three more probes of each, and no more.
TEST_F(Echo, ThatIsAskedForByAForgerIsGivenThreeTimesForEachProbe) {
  start_signed();
  const wire::Cookie cookie = probe_into_the_void();
  for (int i = 0; i < 50; ++i) world_.tell("A", engine::DatagramCaught{wanted_echo(cookie)});
  EXPECT_EQ(echoes_.size(), 4U);
  EXPECT_EQ(count("A", Counter::kProbesEchoed), 3U);
  EXPECT_EQ(count("A", Counter::kResponsesLate), 47U);
  world_.tell("A", engine::DatagramCaught{wanted_echo(cookie, "192.0.2.3")});
  world_.tell("A", engine::DatagramCaught{wanted_echo({7, 7})});
  EXPECT_EQ(count("A", Counter::kResponsesUnknownCookie), 1U);
  EXPECT_EQ(echoes_.size(), 4U);
}

// Probes in A's own name are asked for echoes as well, which go to A and are of no use to it; its own are heard.
TEST_F(Echo, IsAskedOfAGatewayInWhoseNameStrangersSpeak) {
  start_signed();
  std::optional<base::Bytes> seen;
  world_.on_link([&seen](const std::string& what, base::Bytes& packet) {
    if (what.ends_with("PROBE") && !seen) seen = packet;
    return sim::Fate::kArrives;
  });
  world_.tell("A", engine::TraceRequested{engine::TraceId{1}, p_});
  world_.run_for(1s);
  world_.send(p_);
  ASSERT_TRUE(seen);
  for (int i = 0; i < 3'000; ++i) {
    base::Bytes forged = *seen;
    forged.back() = static_cast<std::uint8_t>(i);
    forged[forged.size() - 60] = static_cast<std::uint8_t>(i >> 8);
    world_.tell("B", engine::DatagramCaught{forged});
  }
  EXPECT_EQ(count("B", Counter::kRateLimited), 0U);
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
}

TEST_F(Echo, IsForTheGatewayThatItsSenderNames) {
  start_signed();
  const wire::Cookie cookie = probe_into_the_void();
  world_.tell("A", engine::DatagramCaught{wanted_echo(cookie, "192.0.2.3")});
  EXPECT_EQ(count("A", Counter::kResponsesBadSource), 1U);
  EXPECT_EQ(echoes_.size(), 1U);
}

TEST_F(Echo, IsOfUseToATraceAsWell) {
  start_signed();
  world_.tell("A", engine::TraceRequested{engine::TraceId{1}, p_});
  world_.run_for(1s);
  EXPECT_EQ(count("A", Counter::kProbesEchoed), 1U);
  EXPECT_EQ(world_.traced("A"), "");
}

TEST_F(Echo, IsNotOfferedByThoseWhoDoNotSign) {
  start({.key = 7}, {.key = 7});
  b_->be_busy();
  world_.on_link([](const std::string&, base::Bytes& packet) {
    const auto message = *wire::decode(wire::udp_of(packet)->payload);
    const auto* probe = std::get_if<wire::Probe>(&message);
    EXPECT_FALSE(probe != nullptr && probe->has(wire::Capabilities::kEchoes));
    return sim::Fate::kArrives;
  });
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
}

TEST_F(Authentication, AKeyedHashMakesNoProbeLonger) {
  start({.key = 7}, {.key = 7});
  std::vector<std::size_t> lengths;
  world_.on_link([&](const std::string&, base::Bytes& packet) {
    lengths.push_back(wire::udp_of(packet)->payload.size());
    return sim::Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(lengths.size(), 2U);
  EXPECT_EQ(lengths[0], wire::list_probe_length(base::Family::kV4));
  EXPECT_LE(lengths[1], lengths[0]);
}

TEST_F(Authentication, ASignedProbeIsAsLongAsItsAnswerMayBe) {
  const Keys a{.key = 7, .authority = 1, .identity = std::string(200, 'a')};
  start(a, {.key = 7, .authority = 1, .identity = std::string(500, 'b')});
  std::vector<std::size_t> lengths;
  world_.on_link([&](const std::string&, base::Bytes& packet) {
    lengths.push_back(wire::udp_of(packet)->payload.size());
    return sim::Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(lengths.size(), 2U);
  EXPECT_EQ(lengths[0], wire::signed_probe_length(base::Family::kV4));
  EXPECT_GT(lengths[1], 500U);
  EXPECT_LE(lengths[1], lengths[0]);
}

TEST_F(Authentication, AnotherKeyIsNoneAndTheDiscoverySaysSo) {
  start({.key = 7}, {.key = 8});
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_GE(count("B", Counter::kProbesUnproven), 1U);
  EXPECT_GE(count("B", Counter::kProofsWrong), 1U);
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 0U);
}

TEST_F(Authentication, WhoProvesNothingGetsNoAnswerAndNone) {
  start({}, {.key = 7});
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 0U);
  EXPECT_GE(count("B", Counter::kProofsMissing), 1U);
}

TEST_F(Authentication, AnAnswerThatProvesNothingIsNotBelieved) {
  b_rule_.authenticated = false;
  start({.key = 7}, {}, true);
  auto open = protect("office", "10.2.0.0/24", "10.1.0.0/16");
  world_.tell("B", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(std::vector{open})});
  EXPECT_NE(try_for(5s), Delivery::kEncrypted);
  EXPECT_GE(count("B", Counter::kProbesAnswered), 1U);
  EXPECT_GE(count("A", Counter::kResponsesUnproven), 1U);
  EXPECT_EQ(count("A", Counter::kResponsesAccepted), 0U);
  EXPECT_NE(reason().find("192.0.2.2 answered, and is not believed"), std::string::npos) << reason();
  EXPECT_NE(reason().find("it proves nothing"), std::string::npos) << reason();
}

TEST_F(Authentication, AForgedAnswerFromThePathIsNotBelievedAndTheTrueOneIs) {
  start({.key = 7}, {.key = 7});
  world_.on_link([&](const std::string& what, base::Bytes& packet) {
    if (what == "A -> B PROBE") {
      const auto probe = std::get<wire::Probe>(*wire::decode(wire::udp_of(packet)->payload));
      const wire::Response forged{.initiator_cookie = probe.initiator_cookie,
                                  .responder_cookie = {6},
                                  .gateway = address("192.0.2.66"),
                                  .half_proxy = {},
                                  .capabilities = {},
                                  .proxy = base::Selector{{}, masked("10.2.0.0/16"), masked("10.1.0.0/16"), {}, {}}};
      world_.tell("A", engine::DatagramCaught{wire::udp_packet(address("192.0.2.66"), address("192.0.2.1"), 500, 500,
                                                               wire::encode(forged))});
    }
    return sim::Fate::kArrives;
  });
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_GE(count("A", Counter::kResponsesUnproven), 1U);
  EXPECT_EQ(world_.engine("A").peers().find(address("192.0.2.66")), nullptr);
}

TEST_F(Authentication, ABitChangedOnTheWayIsSeen) {
  start({.key = 7}, {.key = 7});
  world_.on_link([&](const std::string& what, base::Bytes& packet) {
    if (what != "B -> A RESPONSE") return sim::Fate::kArrives;
    const auto datagram = *wire::udp_of(packet);
    base::Bytes changed(datagram.payload.begin(), datagram.payload.end());
    changed[wire::kHeaderLength + wire::kCapabilitiesLength - 1] ^= wire::Capabilities::kTunnelComing;
    packet = wire::udp_packet(datagram.source, datagram.destination, 500, 500, changed);
    return sim::Fate::kArrives;
  });
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_EQ(count("A", Counter::kResponsesAccepted), 0U);
  EXPECT_GE(count("A", Counter::kProofsWrong), 1U);
}

TEST_F(Authentication, ACopyOfAProbeIsNotAnsweredAgain) {
  start({.key = 7}, {.key = 7});
  base::Bytes copy;
  world_.on_link([&](const std::string& what, base::Bytes& packet) {
    if (what == "A -> B PROBE") copy = packet;
    return sim::Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(count("B", Counter::kProbesAnswered), 1U);
  world_.tell("B", engine::DatagramCaught{copy});
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 1U);
  EXPECT_EQ(count("B", Counter::kProbesReplayed), 1U);
  world_.jump(150s);
  world_.tell("B", engine::DatagramCaught{copy});
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 1U);
  EXPECT_EQ(count("B", Counter::kProofsStale), 1U);
}

// B reads the signature alone: what stands behind it is anybody's to write.
TEST_F(Authentication, ACopyIsKnownByWhatIsJudgedOfIt) {
  start({.key = 7, .authority = 1, .identity = "gw-a"}, {.authority = 1, .identity = "gw-b"});
  base::Bytes copy;
  world_.on_link([&](const std::string& what, base::Bytes& packet) {
    if (what == "A -> B PROBE") copy = packet;
    return sim::Fate::kArrives;
  });
  world_.send(p_);
  world_.run_for(1s);
  ASSERT_EQ(count("B", Counter::kProbesAnswered), 1U);
  const auto datagram = *wire::udp_of(copy);
  base::Bytes other(datagram.payload.begin(), datagram.payload.end());
  other.back() ^= 1U;
  world_.tell("B", engine::DatagramCaught{wire::udp_packet(datagram.source, datagram.destination, datagram.source_port,
                                                           wire::kUdpPort, other)});
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 1U);
  EXPECT_EQ(count("B", Counter::kProbesReplayed), 1U);
}

// Any number of probes that name A as the asking gateway, which prove nothing or have what looks like a proof.
TEST_F(Authentication, WhoSpeaksInAGatewaysNameDoesNotUseUpWhatIsThereForIt) {
  start({.key = 7}, {.key = 7});
  sim::SeededAuthenticator stranger({.key = 8}, [this] { return day_ + since_start(); });
  const auto flood = [&](int probes) {
    for (int i = 0; i < probes; ++i) {
      const auto probe = engine::probe_for(p_, wire::Cookie{1}, address("192.0.2.1"), nullptr);
      world_.tell("B", engine::DatagramCaught{engine::packet_of(probe, i % 2 == 0 ? nullptr : &stranger)});
    }
  };
  flood(1'000);
  world_.run_for(3ms);  // of five in which one more is let in
  world_.send(p_);
  for (int i = 0; i < 400; ++i) {
    flood(2);
    world_.run_for(1ms);
  }
  EXPECT_GE(count("B", Counter::kRateLimited), 500U);
  EXPECT_EQ(count("A", Counter::kResponsesAccepted), 1U) << "to the first probe";
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
}

TEST_F(Authentication, AndWhoProvesWhoItIsIsStillAnsweredSoOftenAndNoMore) {
  start({.key = 7}, {.key = 7});
  for (std::uint8_t i = 0; i < 11; ++i) {
    for (std::uint8_t j = 0; j < 100; ++j) {
      const auto probe = engine::probe_for(p_, wire::Cookie{1, i, j}, address("192.0.2.1"), nullptr);
      world_.tell("B", engine::DatagramCaught{engine::packet_of(probe, a_.get())});
    }
  }
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 1'000U);
  EXPECT_EQ(count("B", Counter::kRateLimited), 100U);
}

// A half proxy is all that it says, and nobody cuts it: it has to be within the blocks as it is.
TEST_F(Authentication, ASignedAnswerOfTheDraftFormIsHeldToItsBlocksToo) {
  a_rule_.draft = true;
  start({.authority = 1, .identity = "gw-a", .narrows = true},
        {.authority = 1, .identity = "gw-b", .blocks = blocks({"10.2.0.0/25"})});
  world_.on_link([&](const std::string& what, base::Bytes& packet) {
    if (what != "A -> B PROBE") return sim::Fate::kArrives;
    const auto probe = std::get<wire::Probe>(*wire::decode(wire::udp_of(packet)->payload));
    const wire::Response more{.initiator_cookie = probe.initiator_cookie,
                              .responder_cookie = {6},
                              .gateway = address("192.0.2.2"),
                              .half_proxy = masked("10.2.0.0/24"),
                              .capabilities = {},
                              .proxy = {}};
    world_.tell("A", engine::DatagramCaught{wire::udp_packet(address("192.0.2.2"), address("192.0.2.1"), 500, 500,
                                                             b_->seal(wire::encode(more), b_->means()))});
    return sim::Fate::kLost;
  });
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_GE(count("A", Counter::kResponsesUnauthorised), 1U);
  for (const auto& arrow : world_.arrows()) EXPECT_EQ(arrow.find("IKE"), std::string::npos) << arrow;
}

TEST_F(Authentication, AClockThatIsOffIsNamed) {
  a_off_ = 300s;
  start({.key = 7}, {.key = 7});
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_GE(count("B", Counter::kProofsStale), 1U);
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 0U);
}

TEST_F(Authentication, AClockThatIsALittleOffIsNot) {
  a_off_ = -50s;
  start({.key = 7}, {.key = 7});
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
}

TEST_F(Authentication, WhereItIsNotWantedADowngradeIsTold) {
  start({.key = 7}, {.key = 7}, false);
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  b_->change({});
  world_.tell("A", engine::PeerForgotten{address("192.0.2.3")});  // another one: nothing is forgotten
  const auto other = flow("udp 10.1.0.10:40000 > 10.2.1.10:53");
  auto wider = protect("office", "10.2.0.0/16", "10.1.0.0/16");
  world_.tell("B", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(std::vector{wider})});
  world_.send(other);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(other), Delivery::kEncrypted);
  EXPECT_EQ(count("A", Counter::kResponsesDowngraded), 1U);
}

// Whoever knows the key and may not speak for that could leave its signature out.
TEST_F(Authentication, ThatASignatureIsLeftOutIsTold) {
  const Keys a{.key = 7, .authority = 1, .identity = "gw-a"};
  start(a, {.key = 7, .authority = 1, .identity = "gw-b"}, false);
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  b_->change({.key = 7});
  const auto other = flow("udp 10.1.0.10:40000 > 10.2.1.10:53");
  auto wider = protect("office", "10.2.0.0/16", "10.1.0.0/16");
  world_.tell("B", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(std::vector{wider})});
  world_.send(other);
  world_.run_for(1s);
  EXPECT_EQ(count("A", Counter::kResponsesDowngraded), 1U);
}

TEST_F(Authentication, ThatAKeyIsLeftOutIsToldBesideASignature) {
  start({.key = 7, .authority = 1, .identity = "gw-a"}, {.key = 7, .authority = 1, .identity = "gw-b"});
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  b_->change({.authority = 1, .identity = "gw-b"});
  const auto other = flow("udp 10.1.0.10:40000 > 10.2.1.10:53");
  auto wider = protect("office", "10.2.0.0/16", "10.1.0.0/16");
  world_.tell("B", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(std::vector{wider})});
  world_.send(other);
  world_.run_for(1s);
  EXPECT_EQ(count("A", Counter::kResponsesDowngraded), 1U);
}

// All gateways have the key; which addresses are whose only certificates say.
TEST_F(Authentication, WhereSignaturesAreReadTheKeyAloneIsNoProofOfAnAnswer) {
  start({.key = 7, .authority = 1, .identity = "gw-a"}, {.key = 7});
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_GE(count("B", Counter::kProbesAnswered), 1U);
  EXPECT_GE(count("A", Counter::kResponsesUnproven), 1U);
  for (const auto& arrow : world_.arrows()) EXPECT_EQ(arrow.find("IKE"), std::string::npos) << arrow;
}

TEST_F(Authentication, NorOfAQuestion) {
  start({.key = 7}, {.key = 7, .authority = 1, .identity = "gw-b"});
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 0U);
  EXPECT_GE(count("B", Counter::kProbesUnproven), 1U);
}

TEST_F(Authentication, WhatIsNotReadAnyMoreIsNoDowngrade) {
  start({.key = 7}, {.key = 7}, false);
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  a_->change({});
  const auto other = flow("udp 10.1.0.10:40000 > 10.2.1.10:53");
  auto wider = protect("office", "10.2.0.0/16", "10.1.0.0/16");
  world_.tell("B", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(std::vector{wider})});
  world_.send(other);
  world_.run_for(1s);
  EXPECT_EQ(world_.send(other), Delivery::kEncrypted);
  EXPECT_EQ(count("A", Counter::kResponsesDowngraded), 0U);
}

TEST_F(Authentication, ASignatureAloneWillDoAndItsHolderIsNamed) {
  start({.authority = 1, .identity = "gw-a"}, {.authority = 1, .identity = "gw-b"});
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_EQ(world_.engine("A").peers().find(address("192.0.2.2"))->proof, "signature of gw-b");
}

TEST_F(Authentication, ACertificateOfAnotherCaIsNone) {
  start({.authority = 1, .identity = "gw-a"}, {.authority = 2, .identity = "gw-b"});
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_GE(count("B", Counter::kProofsUntrusted), 1U);
}

TEST_F(Authentication, BothWithinTheirBlocksFindEachOther) {
  start({.authority = 1, .identity = "gw-a", .blocks = blocks({"10.1.0.0/16"})},
        {.authority = 1, .identity = "gw-b", .blocks = blocks({"10.2.0.0/16"})});
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
}

TEST_F(Authentication, WhoOffersMoreThanItsBlocksIsRefusedBeforeAnyIke) {
  start({.authority = 1, .identity = "gw-a"}, {.authority = 1, .identity = "gw-b", .blocks = blocks({"10.2.0.0/25"})});
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_GE(count("A", Counter::kResponsesUnauthorised), 1U);
  for (const auto& arrow : world_.arrows()) EXPECT_EQ(arrow.find("IKE"), std::string::npos) << arrow;
  EXPECT_NE(reason().find("'gw-b' may speak for 10.2.0.0/25 only"), std::string::npos) << reason();
}

TEST_F(Authentication, OrGetsWhatItsBlocksHold) {
  start({.authority = 1, .identity = "gw-a", .blocks = blocks({"10.1.0.0/16"}), .narrows = true},
        {.authority = 1, .identity = "gw-b", .blocks = blocks({"10.2.0.0/25"})});
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_EQ(world_.arrows().back(), "A -> B IKE any 10.1.0.0/16 > 10.2.0.0/25");
}

TEST_F(Authentication, AnAskerWhoseBlocksDoNotHoldTheSourceGetsNoAnswer) {
  start({.authority = 1, .identity = "gw-a", .blocks = blocks({"10.9.0.0/16"})}, {.authority = 1, .identity = "gw-b"});
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 0U);
  EXPECT_GE(count("B", Counter::kProbesUnauthorised), 1U);
}

TEST_F(Authentication, AStrangerIsToldThePartOfItsFlowAlone) {
  b_rule_.disclose = policy::Disclose::kFlow;
  start({}, {}, false);
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_EQ(world_.arrows().back(), "A -> B IKE any 10.1.0.10/32 > 10.2.0.10/32");
}

TEST_F(Authentication, WhoProvesWhoItIsIsToldAll) {
  b_rule_.disclose = policy::Disclose::kFlow;
  start({.key = 7}, {.key = 7}, false);
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_EQ(world_.arrows().back(), "A -> B IKE any 10.1.0.0/16 > 10.2.0.0/24");
}

TEST_F(Authentication, OrNothing) {
  b_rule_.disclose = policy::Disclose::kNothing;
  start({}, {.key = 7}, false);
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 0U);
  EXPECT_GE(count("B", Counter::kProbesUnproven), 1U);
}

TEST_F(Authentication, ARuleThatTellsLittleTellsItOnItsProbesNeither) {
  a_rule_.disclose = policy::Disclose::kFlow;
  start({}, {}, false);
  std::optional<base::MaskedAddress> half = masked("10.1.0.0/16");
  world_.on_link([&](const std::string& what, base::Bytes& packet) {
    if (what == "A -> B PROBE") half = std::get<wire::Probe>(*wire::decode(wire::udp_of(packet)->payload)).half_proxy;
    return sim::Fate::kArrives;
  });
  EXPECT_EQ(try_for(3s), Delivery::kEncrypted);
  EXPECT_FALSE(half);
}

TEST_F(Authentication, OnlyWhoMayAskIsAnswered) {
  b_rule_.askers = {*base::Prefix::parse("192.0.2.128/25")};
  start({}, {}, false);
  EXPECT_NE(try_for(4s), Delivery::kEncrypted);
  EXPECT_GE(count("B", Counter::kProbesNotAsker), 1U);
  b_rule_.askers.push_back(*base::Prefix::parse("192.0.2.0/28"));
  world_.tell("B", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(std::vector{b_rule_})});
  EXPECT_EQ(try_for(6s), Delivery::kEncrypted);
}

}  // namespace
}  // namespace scenarios
