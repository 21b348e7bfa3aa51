// Every ruling of the responder's table, by a real engine: what becomes of the probe, and what is counted.
#include "engine/ruling.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "engine/probe.hpp"
#include "sim/random.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace engine {
namespace {

using namespace std::chrono_literals;

base::Address address(const char* text) {
  return *base::Address::parse(text);
}

policy::Rule rule(const char* local, const char* remote) {
  policy::Rule rule;
  rule.name = "r";
  rule.local = {*base::MaskedAddress::parse(local)};
  rule.remote = {*base::MaskedAddress::parse(remote)};
  return rule;
}

/// The gateway 192.0.2.2 in front of 10.2.0.0/24; the asker is 192.0.2.1.
class Rulings : public ::testing::Test {
 protected:
  ProbeEnd end_of(const wire::Probe& probe) { return end_of(packet_of(probe)); }
  ProbeEnd end_of(base::Bytes packet) {
    engine_.handle(DatagramCaught{std::move(packet)}, now_);
    ProbeEnd end = ProbeEnd::kDropped;
    while (auto action = engine_.next_action()) {
      const auto* sent = std::get_if<Transmit>(&*action);
      if (sent == nullptr) continue;
      const auto message = wire::decode(wire::udp_of(sent->packet)->payload);
      const bool answers = message && std::holds_alternative<wire::Response>(*message);
      end = answers ? ProbeEnd::kAnswered : ProbeEnd::kTravelsOn;
    }
    return end;
  }
  void expect(Ruling ruling, ProbeEnd end) const {
    EXPECT_EQ(end, row_of(ruling).end);
    EXPECT_GE(engine_.counters().value(row_of(ruling).counter), 1U) << row_of(ruling).when;
  }
  static wire::Probe probe(const char* gateway = "192.0.2.1", const char* flow = "udp 10.1.0.10:4000 > 10.2.0.10:53") {
    return probe_for(*base::Flow::parse(flow), wire::Cookie{1, 2, 3, 4, 5, 6, 7, 8}, address(gateway), nullptr);
  }

  /// One of the draft form, from 10.1.0.10 to 10.2.0.10.
  static base::Bytes draft_probe(std::optional<const char*> half = "10.1.0.0/16", std::size_t length = 56) {
    auto draft = probe();
    draft.summary.reset();
    draft.capabilities.reset();
    if (half) draft.half_proxy = *base::MaskedAddress::parse(*half);
    return wire::udp_packet(address("10.1.0.10"), address("10.2.0.10"), 4000, wire::kUdpPort,
                            wire::encode_exactly(draft, length));
  }
  /// From now on the rule takes the draft form.
  void take_draft(std::vector<policy::Rule> earlier = {}) {
    earlier.push_back(rule("10.2.0.0/24", "10.1.0.0/16"));
    earlier.back().draft = true;
    engine_.handle(PolicyReplaced{std::make_shared<const policy::Snapshot>(std::move(earlier))}, now_);
    while (engine_.next_action()) {
    }
  }
  /// The response that the packet is answered with.
  wire::Response answer_to(base::Bytes packet) {
    engine_.handle(DatagramCaught{std::move(packet)}, now_);
    const auto action = engine_.next_action();
    return std::get<wire::Response>(*wire::decode(wire::udp_of(std::get<Transmit>(*action).packet)->payload));
  }

  sim::SeededRandom random_{1};
  sim::SeededHash hash_{1};
  base::Instant now_{1s};
  Engine engine_{Settings{.gateways = {address("192.0.2.2")}},
                 std::make_shared<const policy::Snapshot>(std::vector{rule("10.2.0.0/24", "10.1.0.0/16")}),
                 Ports{random_, hash_}};
};

TEST_F(Rulings, Answered) {
  expect(Ruling::kAnswered, end_of(probe()));
}

TEST_F(Rulings, Mismatched) {
  auto other = probe();
  const base::Bytes datagram = wire::encode(other);
  expect(Ruling::kMismatched,
         end_of(wire::udp_packet(address("10.1.0.99"), address("10.2.0.10"), 4000, wire::kUdpPort, datagram)));
}

TEST_F(Rulings, Draft) {
  expect(Ruling::kDraft, end_of(draft_probe()));
}

TEST_F(Rulings, DraftThatTheRuleTakes) {
  take_draft();
  expect(Ruling::kAnswered, end_of(draft_probe()));
  EXPECT_EQ(engine_.counters().value(Counter::kProbesDraftAnswered), 1U);
  const wire::Response response = answer_to(draft_probe());
  EXPECT_EQ(response.gateway, address("192.0.2.2"));
  EXPECT_EQ(response.half_proxy, *base::MaskedAddress::parse("10.2.0.0/24"));
  EXPECT_FALSE(response.proxy || response.list || response.capabilities) << "two IDs and nothing else";
}

TEST_F(Rulings, DraftForARuleThatDoesNotRespond) {
  auto silent = rule("10.2.0.0/24", "10.1.0.0/16");
  silent.draft = true;
  silent.respond = false;
  take_draft({silent});
  expect(Ruling::kDraft, end_of(draft_probe()));
}

TEST_F(Rulings, DraftOfAnotherSource) {
  take_draft();
  expect(Ruling::kMismatched, end_of(draft_probe("10.9.0.0/16")));
}

// The merged proxies would be more than the rule protects: an answer would only stand in the way of another gateway.
TEST_F(Rulings, DraftUndecided) {
  take_draft();
  expect(Ruling::kUndecided, end_of(draft_probe("10.0.0.0/8")));
  auto ssh = rule("10.2.0.10/32", "10.1.0.0/16");
  ssh.action = policy::Action::kBypass;
  ssh.protocol = base::Protocol::kTcp;
  take_draft({ssh});
  expect(Ruling::kUndecided, end_of(draft_probe()));
  EXPECT_EQ(engine_.counters().value(Counter::kProbesDraftUndecided), 2U);
}

TEST_F(Rulings, DraftThatDoesNotTellItsHalf) {
  take_draft();
  expect(Ruling::kAnswered, end_of(draft_probe(std::nullopt, 60)));
  expect(Ruling::kTooShort, end_of(draft_probe(std::nullopt, 40)));
}

TEST_F(Rulings, Own) {
  expect(Ruling::kOwn, end_of(probe("192.0.2.2")));
}

TEST_F(Rulings, NotOurs) {
  expect(Ruling::kNotOurs, end_of(probe("192.0.2.1", "udp 10.1.0.10:4000 > 10.3.0.10:53")));
}

TEST_F(Rulings, BadGateway) {
  const std::vector<const char*> nobody = {"224.0.0.1", "255.255.255.255", "127.0.0.1", "0.0.0.0",         "0.1.2.3",
                                           "240.0.0.1", "169.254.1.1",     "fe80::1",   "::ffff:192.0.2.1"};
  for (const char* gateway : nobody) EXPECT_EQ(end_of(probe(gateway)), ProbeEnd::kDropped) << gateway;
  EXPECT_EQ(engine_.counters().value(Counter::kProbesBadGateway), nobody.size());
}

TEST_F(Rulings, BadGatewayIsAlsoWhatIsNoOtherMachines) {
  const std::vector<const char*> ours = {"192.0.2.255", "10.2.0.1"};
  for (const char* gateway : ours) EXPECT_EQ(end_of(probe(gateway)), ProbeEnd::kAnswered) << gateway;
  engine_.handle(MachineAddresses{{address("192.0.2.2"), address("192.0.2.255"), address("10.2.0.1")}}, now_);
  for (const char* gateway : ours) expect(Ruling::kBadGateway, end_of(probe(gateway)));
  expect(Ruling::kAnswered, end_of(probe()));
  engine_.handle(MachineAddresses{}, now_);
  EXPECT_EQ(end_of(probe(ours.front())), ProbeEnd::kAnswered) << "it is not ours any more";
}

TEST_F(Rulings, WhatCouldNotBeSentIsNotAnswered) {
  engine_.handle(DatagramCaught{packet_of(probe())}, now_);
  const auto action = engine_.next_action();
  engine_.note_unsent(std::get<Transmit>(*action));
  EXPECT_EQ(engine_.counters().value(Counter::kProbesAnswered), 0U);
  EXPECT_EQ(engine_.counters().value(Counter::kAnswersUnsent), 1U);
  engine_.note_unsent(Transmit{});  // of a probe
  EXPECT_EQ(engine_.counters().value(Counter::kAnswersUnsent), 1U);
}

TEST_F(Rulings, TooMany) {
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(end_of(probe()), ProbeEnd::kAnswered);
  expect(Ruling::kTooMany, end_of(probe()));
}

TEST_F(Rulings, ADraftAnswerTellsAStrangerNoMoreThanItsRuleAllows) {
  auto careful = rule("10.2.0.0/24", "10.1.0.0/16");
  careful.draft = true;
  careful.disclose = policy::Disclose::kFlow;
  engine_.handle(PolicyReplaced{std::make_shared<const policy::Snapshot>(std::vector{careful})}, now_);
  while (engine_.next_action()) {
  }
  EXPECT_EQ(answer_to(draft_probe()).half_proxy, *base::MaskedAddress::parse("10.2.0.10"));
}

TEST_F(Rulings, NoGatewayAddress) {
  expect(Ruling::kNoGatewayAddress, end_of(probe("2001:db8::1")));
}

TEST_F(Rulings, TooShort) {
  auto bare = probe();
  bare.capabilities.reset();
  expect(Ruling::kTooShort, end_of(wire::udp_packet(address("10.1.0.10"), address("10.2.0.10"), 4000, wire::kUdpPort,
                                                    wire::encode_exactly(bare, wire::unpadded_length(bare)))));
}

// Our own discovery with that gateway brings the tunnel up, and the asker does not read that it is coming.
TEST_F(Rulings, Coming) {
  engine_.handle(FlowCaught{*base::Flow::parse("udp 10.2.0.10:53 > 10.1.0.10:4000"), {}}, now_);
  wire::Cookie ours{};
  while (auto action = engine_.next_action()) {
    if (const auto* sent = std::get_if<Transmit>(&*action)) {
      ours = std::get<wire::Probe>(*wire::decode(wire::udp_of(sent->packet)->payload)).initiator_cookie;
    }
  }
  const base::Selector all{
      {}, *base::MaskedAddress::parse("10.1.0.0/16"), *base::MaskedAddress::parse("10.2.0.0/24"), {}, {}};
  const wire::Response response{.initiator_cookie = ours,
                                .responder_cookie = {8, 7, 6, 5, 4, 3, 2, 1},
                                .gateway = address("192.0.2.1"),
                                .half_proxy = all.local,
                                .capabilities = {},
                                .proxy = all};
  engine_.handle(DatagramCaught{wire::udp_packet(address("192.0.2.1"), address("192.0.2.2"), wire::kUdpPort,
                                                 wire::kUdpPort, wire::encode(response))},
                 now_);
  while (engine_.next_action()) {
  }
  auto old = probe();
  old.capabilities.reset();
  expect(Ruling::kComing, end_of(old));
  now_ += 2s;
  EXPECT_EQ(end_of(old), ProbeEnd::kAnswered) << "it may never come";
}

}  // namespace
}  // namespace engine
