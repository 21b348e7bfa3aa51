// Every verdict of `why` by a real engine, and that each failure names a way out.
#include "daemon/why.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/answers.hpp"
#include "engine/limits.hpp"
#include "engine/probe.hpp"
#include "sim/random.hpp"
#include "support/packets.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace tedd {
namespace {

using namespace std::chrono_literals;

policy::Rule rule(const char* name, policy::Action action, const char* local, const char* remote) {
  policy::Rule rule;
  rule.name = name;
  rule.action = action;
  rule.local = {*base::MaskedAddress::parse(local)};
  rule.remote = {*base::MaskedAddress::parse(remote)};
  return rule;
}

std::shared_ptr<const policy::Snapshot> policy() {
  auto patient = rule("patient", policy::Action::kProtect, "10.1.0.0/16", "10.3.0.0/16");
  patient.discover = false;
  return std::make_shared<const policy::Snapshot>(
      std::vector{rule("printer", policy::Action::kBypass, "10.1.0.9/32", "10.2.0.0/16"),
                  rule("never", policy::Action::kBlock, "10.1.0.8/32", "10.2.0.0/16"),
                  rule("sites", policy::Action::kProtect, "10.1.0.0/16", "10.2.0.0/16"), patient});
}

class Why : public ::testing::Test {
 protected:
  control::Why ask(const char* flow = "tcp 10.1.0.7:4000 > 10.2.0.7:80") {
    return why(engine_, diary_, around_, *base::Flow::parse(flow), now_);
  }
  void carry_out() {
    while (auto action = engine_.next_action()) {
      if (auto* sent = std::get_if<engine::Transmit>(&*action)) sent_ = sent->packet;
      if (auto* wanted = std::get_if<engine::BringUp>(&*action)) wanted_ = *wanted;
      if (auto* report = std::get_if<engine::Report>(&*action)) diary_.note(*report, now_);
    }
  }
  void tell(engine::Event event) {
    engine_.handle(std::move(event), now_);
    carry_out();
  }
  void pass(base::Duration span) {
    for (const base::Instant end = now_ + span; now_ < end; now_ += 100ms) {
      engine_.on_deadline(now_);
      carry_out();
    }
  }
  void catch_flow() { tell(engine::FlowCaught{*base::Flow::parse("tcp 10.1.0.7:4000 > 10.2.0.7:80")}); }
  /// The other gateway answers the last probe with that proxy, written from its side.
  void answer(const char* local, const char* remote, const char* from = "192.0.2.2") {
    const auto probe = std::get<wire::Probe>(*wire::decode(wire::udp_of(sent_)->payload));
    const wire::Response response{
        .initiator_cookie = probe.initiator_cookie,
        .responder_cookie = {1},
        .gateway = *base::Address::parse("192.0.2.2"),
        .half_proxy = {},
        .capabilities = {},
        .proxy = base::Selector{{}, *base::MaskedAddress::parse(local), *base::MaskedAddress::parse(remote), {}, {}}};
    tell(engine::DatagramCaught{wire::udp_packet(*base::Address::parse(from), probe.gateway, wire::kUdpPort,
                                                 wire::kUdpPort, wire::encode(response))});
  }

  sim::SeededRandom random_{1};
  sim::SeededHash hash_{1};
  base::Instant now_{1s};
  engine::Engine engine_{engine::Settings{.gateways = {*base::Address::parse("192.0.2.1")}}, policy(),
                         engine::Ports{random_, hash_}};
  Diary diary_;
  Surroundings around_{
      .charon_connected = true, .charon_carries = false, .charon_socket = "unix:///x", .openings = {}, .unsent = {}};
  base::Bytes sent_;
  engine::BringUp wanted_;
};

TEST_F(Why, WhatPolicyLeavesAloneOrBlocks) {
  EXPECT_EQ(ask("tcp 10.1.0.9:4000 > 10.2.0.7:80").verdict, "clear");
  EXPECT_EQ(ask("tcp 10.1.0.9:4000 > 10.2.0.7:80").rule, "printer");
  EXPECT_EQ(ask("tcp 10.1.0.8:4000 > 10.2.0.7:80").verdict, "blocked");
  const auto unknown = ask("tcp 10.9.0.8:4000 > 10.2.0.7:80");
  EXPECT_EQ(unknown.verdict, "clear");
  EXPECT_EQ(unknown.rule, std::nullopt);
  EXPECT_NE(unknown.advice.at(0).find("add a rule"), std::string::npos);
  EXPECT_NE(unknown.advice.at(1).find("pass it unread"), std::string::npos);
  EXPECT_EQ(ask("tcp 10.1.0.7:4000 > 10.77.0.7:80").advice.size(), 1U) << "probes to it are read";
  EXPECT_NE(ask("tcp 10.2.0.7:80 > 10.1.0.7:4000").advice.at(0).find("the other way"), std::string::npos);
}

TEST_F(Why, WhatNobodyAskedFor) {
  EXPECT_EQ(ask().verdict, "idle");
  EXPECT_EQ(ask().rule, "sites");
  EXPECT_FALSE(ask().advice.empty());
  EXPECT_NE(ask("udp 10.1.0.7:4000 > 10.3.0.7:80").advice.at(0).find("discover = false"), std::string::npos);
}

TEST_F(Why, ADiscoveryThatNobodyAnswers) {
  catch_flow();
  EXPECT_EQ(ask().verdict, "in_progress");
  pass(5s);
  const auto failed = ask();
  EXPECT_EQ(failed.verdict, "failing");
  ASSERT_EQ(failed.pending.size(), 1U);
  EXPECT_EQ(
      failed.advice.at(0).find("on the gateway in front of 10.2.0.7 run: tedctl why 'tcp 10.2.0.7:80 > 10.1.0.7:4000'"),
      0U)
      << failed.advice.at(0);
  EXPECT_NE(failed.advice.at(1).find("UDP port 500 from 10.1.0.7 to 10.2.0.7"), std::string::npos)
      << failed.advice.at(1);
  ASSERT_GE(failed.steps.size(), 3U);
  EXPECT_EQ(failed.steps.front().id, "TED-DISCOVERY-STARTED");
  EXPECT_EQ(failed.steps.back().id, "TED-DISCOVERY-FAILED");
  pass(60s);
  const auto later = ask();  // it is forgotten, and what to do is the same
  EXPECT_EQ(later.verdict, "idle");
  EXPECT_EQ(later.advice.at(0).find("its last discovery failed 6"), 0U) << later.advice.at(0);
  EXPECT_EQ(later.advice.at(1), failed.advice.at(0));
}

// Whoever asks at the end where the probe should have arrived has nothing but an idle flow to ask about.
TEST_F(Why, ASilentDiscoveryAnIcmpErrorAndAWrongResponseEachHaveTheirOwnWayOut) {
  const auto said = [this](const char* who, std::uint8_t code) {
    base::Bytes icmp{3, code, 0, 0, 0, 0, 0, 0};
    icmp.insert(icmp.end(), sent_.begin(), sent_.end());
    tell(engine::DatagramCaught{support::ip_packet(*base::Address::parse(who), *base::Address::parse("10.1.0.7"),
                                                   base::Protocol::kIcmp, icmp)});
  };
  const auto advice_after = [this](const auto& what) {
    pass(30s);
    catch_flow();
    what();
    pass(4s);
    EXPECT_EQ(ask().verdict, "failing");
    std::string all;
    for (const std::string& line : ask().advice) all += line + "\n";
    return all;
  };
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"It says whether this probe came, and why", advice_after([] {})},
      {"It says why it let this probe travel on", advice_after([&] { said("10.2.0.7", 3); })},
      {"the firewall of whoever refuses it", advice_after([&] { said("198.51.100.9", 13); })},
      {"has no route to 10.2.0.7", advice_after([&] { said("198.51.100.9", 1); })},
      {"own address is translated on the way (NAT)",
       advice_after([&] { answer("10.2.0.0/16", "10.1.0.0/16", "198.51.100.9"); })},
  };
  for (const auto& [words, own] : cases) {
    for (const auto& [other, advice] : cases) {
      EXPECT_EQ(advice.find(words) != std::string::npos, words == other) << words << "\n" << advice;
    }
  }
}

// What another gateway asked here in vain: only this end knows why, and each cause has words that no other has.
TEST_F(Why, AProbeThatWasNotAnsweredIsToldWithItsReason) {
  const char* flow = "tcp 10.1.0.7:4000 > 10.2.0.7:80";
  const auto ask_us = [this](const char* probed, const char* from = nullptr) {
    auto probe =
        engine::probe_for(*base::Flow::parse(probed), wire::Cookie{1}, *base::Address::parse("192.0.2.2"), nullptr);
    base::Bytes packet = engine::packet_of(probe);
    if (from != nullptr) {
      packet =
          wire::udp_packet(*base::Address::parse(from), probe.summary->destination, 4000, wire::kUdpPort,
                           base::Bytes(wire::udp_of(packet)->payload.begin(), wire::udp_of(packet)->payload.end()));
    }
    tell(engine::DatagramCaught{packet});
  };
  const auto told = [this](const char* about) {
    std::string all;
    for (const std::string& line : ask(about).advice) all += line + "\n";
    return all;
  };
  EXPECT_NE(told(flow).find("no probe of another gateway for it came here"), std::string::npos) << told(flow);

  ask_us("tcp 10.2.0.7:80 > 10.1.0.7:4000", "203.0.113.9");
  pass(2s);
  EXPECT_NE(
      told(flow).find(
          "a probe of gateway 192.0.2.2 for tcp 10.2.0.7:80 > 10.1.0.7:4000 came 2.0 s ago, and was not answered: a "
          "probe travels on: addresses are translated on its way (NAT)"),
      std::string::npos)
      << told(flow);
  EXPECT_NE(told(flow).find("it came as 203.0.113.9 > 10.1.0.7 and asks for 10.2.0.7 > 10.1.0.7"), std::string::npos);
  EXPECT_NE(told(flow).find("exempt what goes from 10.2.0.7 to 10.1.0.7 from NAT"), std::string::npos);
  EXPECT_EQ(told(flow).find("no probe of another gateway"), std::string::npos);
  EXPECT_EQ(ask(flow).steps.back().id, "TED-PROBE-PASSED-ON");

  ask_us("tcp 10.9.0.7:80 > 10.1.0.7:4000");
  const char* near = "tcp 10.1.0.7:4000 > 10.9.0.7:80";
  EXPECT_EQ(ask(near).verdict, "clear");
  EXPECT_NE(told(near).find("our rule 'sites' would, but for its remote: 10.2.0.0/16 does not hold 10.9.0.7"),
            std::string::npos)
      << told(near);
  ask_us("tcp 10.9.0.7:80 > 10.8.0.7:4000");
  EXPECT_NE(told("tcp 10.8.0.7:4000 > 10.9.0.7:80").find("none of our rules comes close to it"), std::string::npos);
  ask_us("tcp 10.2.0.7:80 > 10.1.0.9:4000");
  EXPECT_NE(told("tcp 10.1.0.9:4000 > 10.2.0.7:80").find("our rule 'printer' takes it first and says bypass"),
            std::string::npos);

  ask_us("tcp 10.2.0.7:80 > 10.1.0.6:4000");
  EXPECT_NE(told("tcp 10.1.0.6:4000 > 10.2.0.7:80").find("a probe of gateway 192.0.2.2 for it was answered 0.0 s ago"),
            std::string::npos);
  tell(engine::PolicyReplaced{policy()});
  EXPECT_NE(told(flow).find("no probe of another gateway for it came here"), std::string::npos)
      << "it was ruled by another policy";
}

TEST_F(Why, AnInterfaceThatSeesNothingIsNamedWhereNoProbeArrives) {
  around_.blind = {"there is no interface wna0"};
  EXPECT_EQ(ask().verdict, "idle");
  EXPECT_EQ(ask().advice.at(0), "there is no interface wna0");
  catch_flow();
  pass(5s);
  EXPECT_EQ(ask().verdict, "failing");
  EXPECT_EQ(ask().advice.at(0), "there is no interface wna0");
}

TEST_F(Why, AnOpenDestinationIsOpenWhileItIsAskedForAgain) {
  catch_flow();
  EXPECT_EQ(ask().verdict, "in_progress");
  const std::vector<engine::Opening> open = {{policy::RuleIndex{2}, *base::Address::parse("10.2.0.7")}};
  around_.openings = open;
  EXPECT_EQ(ask().verdict, "open");
}

TEST_F(Why, AProbeThatDidNotLeave) {
  catch_flow();
  pass(5s);
  around_.unsent = "no route";
  EXPECT_NE(ask().advice.at(0).find("no route"), std::string::npos);
  const std::vector<engine::Opening> open = {{policy::RuleIndex{2}, *base::Address::parse("10.2.0.7")}};
  around_.openings = open;
  EXPECT_EQ(ask().verdict, "open");
}

// The guard keeps the opening while the destination is asked again: what tedctl says is what a packet meets.
TEST_F(Why, AnOpeningIsOpenWhateverTheDiscoveryDoes) {
  const std::vector<engine::Opening> open = {{policy::RuleIndex{2}, *base::Address::parse("10.2.0.7")}};
  around_.openings = open;
  EXPECT_EQ(ask().verdict, "open") << "no discovery is left";
  catch_flow();
  const auto asked_again = ask();
  EXPECT_EQ(asked_again.verdict, "open");
  EXPECT_EQ(asked_again.pending.at(0).open, true);
  EXPECT_EQ(pending_of(engine_, now_, open).at(0).open, true);
  EXPECT_EQ(pending_of(engine_, now_, {}).at(0).open, std::nullopt);
  EXPECT_EQ(ask("tcp 10.1.0.7:4000 > 10.2.0.8:80").verdict, "idle") << "another destination";
  EXPECT_EQ(ask("tcp 10.1.0.9:4000 > 10.2.0.7:80").verdict, "clear") << "another rule";
  around_.charon_connected = false;
  EXPECT_EQ(ask().verdict, "open");
  around_.openings = {};
  EXPECT_EQ(ask().verdict, "failing");
}

TEST_F(Why, PoliciesThatDoNotMeet) {
  catch_flow();
  answer("10.9.0.0/16", "10.1.0.0/16");
  pass(500ms);
  const auto failed = ask();
  EXPECT_EQ(failed.verdict, "failing");
  ASSERT_EQ(failed.pending.size(), 1U);
  EXPECT_NE(failed.pending[0].reason.value_or("").find("10.9.0.0/16"), std::string::npos);
  EXPECT_NE(failed.advice.at(0).find("tedctl explain"), std::string::npos);
}

TEST_F(Why, ASilenceAfterAFailureTellsOfThat) {
  catch_flow();
  answer("10.2.0.0/16", "10.1.0.0/16");
  tell(engine::BringUpFailed{wanted_.cookie, "auth_failed (received AUTHENTICATION_FAILED notify error)"});
  pass(10s);
  catch_flow();
  pass(5s);  // nobody answers this time
  const auto failed = ask();
  EXPECT_EQ(failed.verdict, "failing");
  ASSERT_GE(failed.advice.size(), 5U);
  EXPECT_NE(failed.advice.at(1).find("UDP port 500"), std::string::npos) << failed.advice.at(1);
  EXPECT_NE(failed.advice.at(3).find("before that, 15.0 s ago, it failed otherwise"), std::string::npos)
      << failed.advice.at(3);
  EXPECT_NE(failed.advice.at(4).find("psk_file"), std::string::npos) << failed.advice.at(4);
}

// The secrets were made the same, a tunnel stood, and is gone: what was before it says nothing of why nobody answers.
TEST_F(Why, AFailureBeforeATunnelIsNotToldAnyMore) {
  catch_flow();
  answer("10.2.0.0/16", "10.1.0.0/16");
  tell(engine::BringUpFailed{wanted_.cookie, "auth_failed (received AUTHENTICATION_FAILED notify error)"});
  pass(10s);
  catch_flow();
  answer("10.2.0.0/16", "10.1.0.0/16");
  tell(engine::TunnelUp{engine::TunnelId{1}, wanted_.peer, wanted_.gateway, wanted_.selectors, wanted_.cookie});
  const auto carried = ask();
  EXPECT_EQ(carried.verdict, "protected");
  ASSERT_EQ(carried.steps.back().id, "TED-TUNNEL-UP");
  for (const auto& step : carried.steps) EXPECT_NE(step.id, "TED-DISCOVERY-FAILED") << step.text;
  tell(engine::TunnelDown{engine::TunnelId{1}});
  pass(1s);
  catch_flow();
  pass(6s);
  const auto failed = ask();
  EXPECT_EQ(failed.verdict, "failing");
  EXPECT_TRUE(std::ranges::any_of(failed.advice, [](const std::string& one) {
    return one.starts_with("it failed ") && one.find(" s ago, and is tried again") != std::string::npos;
  }));
  for (const std::string& advice : failed.advice) {
    EXPECT_EQ(advice.find("auth_failed"), std::string::npos) << advice;
    EXPECT_EQ(advice.find("psk_file"), std::string::npos) << advice;
  }
}

// It is the gateway that is left alone, whichever address behind it is asked about.
TEST_F(Why, AnotherAddressBehindAGatewayThatFailedTellsOfThat) {
  catch_flow();
  answer("10.2.0.0/16", "10.1.0.0/16");
  tell(engine::BringUpFailed{wanted_.cookie, "auth_failed (received AUTHENTICATION_FAILED notify error)"});
  for (std::uint32_t host = 20; host < 40; ++host) {  // more than may look for another gateway meanwhile
    base::Flow flow = *base::Flow::parse("tcp 10.1.0.7:4000 > 10.2.0.0:80");
    flow.destination = base::Address::v4(0x0a020000 + host);
    tell(engine::FlowCaught{flow});
  }
  const auto failed = ask("tcp 10.1.0.7:4000 > 10.2.0.39:80");
  EXPECT_EQ(failed.verdict, "failing");
  ASSERT_GE(failed.advice.size(), 2U);
  EXPECT_NE(failed.advice.at(0).find("AUTHENTICATION_FAILED"), std::string::npos) << failed.advice.at(0);
  EXPECT_NE(failed.advice.at(1).find("psk_file"), std::string::npos) << failed.advice.at(1);
  for (const auto& text : failed.advice) EXPECT_EQ(text.find("no packet of it was caught"), std::string::npos) << text;
}

// Packets of it come, and are not probed for.
TEST_F(Why, AnAddressOfANetworkWhereNobodyAnswersTellsOfThat) {
  base::Flow flow = *base::Flow::parse("tcp 10.1.0.7:4000 > 10.2.0.0:80");
  for (std::uint32_t host = 20; host < 20 + engine::kSilentDestinations; ++host) {
    flow.destination = base::Address::v4(0x0a020000 + host);
    tell(engine::FlowCaught{flow});
  }
  pass(5s);
  for (std::uint32_t host = 40; host < 42; ++host) {  // the first one is the trial
    flow.destination = base::Address::v4(0x0a020000 + host);
    tell(engine::FlowCaught{flow});
  }
  ASSERT_EQ(engine_.counters().value(engine::Counter::kFlowsSilentPrefix), 1U);
  const auto silent = ask("tcp 10.1.0.7:4000 > 10.2.0.41:80");
  EXPECT_EQ(silent.verdict, "failing");
  ASSERT_GE(silent.advice.size(), 2U);
  EXPECT_NE(silent.advice.at(0).find("8 addresses of 10.2.0.0/24"), std::string::npos) << silent.advice.at(0);
  EXPECT_NE(silent.advice.at(1).find("tedctl why 'tcp 10.2.0.41:80 > 10.1.0.7:4000'"), std::string::npos)
      << silent.advice.at(1);
}

TEST_F(Why, EachFailureOfStrongSwanHasItsWayOut) {
  for (const auto& [words, advice] : std::vector<std::pair<std::string, std::string>>{
           {"auth_failed (received AUTHENTICATION_FAILED notify error)", "psk_file"},
           {"ts_unacceptable (received TS_UNACCEPTABLE notify)", "selectors"},
           {"ts_unacceptable (received TS_UNACCEPTABLE notify; TS 10.2.0.0/24 is not contained in any address block "
            "constraint)",
            "give the peer a certificate"},
           {"ts_unacceptable (received TS_UNACCEPTABLE notify; our own certificate may speak for 10.9.0.0/16 only)",
            "give this gateway a certificate"},
           {"no_proposal (received NO_PROPOSAL_CHOSEN notify error)", "algorithms"},
           {"peer_unreachable (giving up after 5 retransmits)", "500 and 4500"},
           {"timeout (no answer from 192.0.2.2 in time)", "500 and 4500"}}) {
    pass(10s);
    catch_flow();
    answer("10.2.0.0/16", "10.1.0.0/16");
    tell(engine::BringUpFailed{wanted_.cookie, words});
    const auto failed = ask();
    EXPECT_EQ(failed.verdict, "failing") << words;
    EXPECT_NE(failed.advice.at(0).find(advice), std::string::npos) << words << ": " << failed.advice.at(0);
    EXPECT_NE(failed.pending.at(0).reason.value_or("").find("proposed"), std::string::npos);
  }
}

TEST_F(Why, ATunnelThatCarriesIt) {
  catch_flow();
  answer("10.2.0.0/16", "10.1.0.0/16");
  tell(engine::TunnelUp{engine::TunnelId{1}, wanted_.peer, wanted_.gateway, wanted_.selectors, wanted_.cookie});
  const auto carried = ask();
  EXPECT_EQ(carried.verdict, "protected");
  ASSERT_EQ(carried.tunnels.size(), 1U);
  EXPECT_EQ(carried.tunnels[0].peer.text(), "192.0.2.2");
  EXPECT_EQ(carried.steps.back().id, "TED-TUNNEL-UP");
}

// charon's userspace ESP routes by destination, but the guard keeps out of it what policy leaves alone.
TEST_F(Why, AClearFlowToANetworkBehindATunnelIsClear) {
  const char* printer = "tcp 10.1.0.9:4000 > 10.2.0.7:22";
  around_.charon_carries = true;
  catch_flow();
  answer("10.2.0.0/16", "10.1.0.0/16");
  tell(engine::TunnelUp{engine::TunnelId{1}, wanted_.peer, wanted_.gateway, wanted_.selectors, wanted_.cookie});
  EXPECT_EQ(ask(printer).verdict, "clear");
  EXPECT_TRUE(ask(printer).advice.empty());
}

// With userspace ESP a tunnel dies with charon, whatever is still listed; the kernel's goes on.
TEST_F(Why, ATunnelWhoseStrongSwanIsAway) {
  catch_flow();
  answer("10.2.0.0/16", "10.1.0.0/16");
  tell(engine::TunnelUp{engine::TunnelId{1}, wanted_.peer, wanted_.gateway, wanted_.selectors, wanted_.cookie});
  around_.charon_connected = false;
  EXPECT_EQ(ask().verdict, "protected");
  EXPECT_NE(ask().advice.at(0).find("nobody rekeys"), std::string::npos);
  around_.charon_carries = true;
  EXPECT_EQ(ask().verdict, "failing");
  EXPECT_NE(ask().advice.at(0).find("strongSwan is away"), std::string::npos);
}

TEST_F(Why, ASocketOfStrongSwanThatIsClosedToUs) {
  around_.charon_connected = false;
  around_.charon_denied = true;
  EXPECT_EQ(ask().verdict, "failing");
  EXPECT_NE(ask().advice.at(0).find("tedd has no right to charon's vici socket unix:///x"), std::string::npos);
  EXPECT_EQ(ask().advice.at(0).find("is away"), std::string::npos);
}

TEST_F(Why, WhatHappensAgainAndAgainIsToldOnce) {
  const auto told = [&](const char* text) {
    engine::Report report;
    report.id = engine::ReportId::kTunnelLost;
    report.text = text;
    report.flow = base::Flow::parse("tcp 10.1.0.7:4000 > 10.2.0.7:80").value();
    diary_.note(report, now_ += 1s);
  };
  told("the one");
  told("the other");
  told("the one");
  told("the one");
  const auto steps = ask().steps;
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].text, "the other");
  EXPECT_EQ(steps[1].text, "the one (3 times lately)");
}

TEST_F(Why, StrongSwanThatIsAway) {
  around_.charon_connected = false;
  EXPECT_EQ(ask().verdict, "failing");
  EXPECT_NE(ask().advice.at(0).find("unix:///x"), std::string::npos);
}

}  // namespace
}  // namespace tedd
