// Every ruling of the responder's table, by a real engine: what becomes of the probe, and what is counted.
#include "engine/ruling.hpp"

#include <gtest/gtest.h>
#include <memory>
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
  auto draft = probe();
  draft.summary.reset();
  draft.half_proxy = *base::MaskedAddress::parse("10.1.0.0/16");
  draft.capabilities.reset();
  expect(Ruling::kDraft, end_of(wire::udp_packet(address("10.1.0.10"), address("10.2.0.10"), 4000, wire::kUdpPort,
                                                 wire::encode(draft))));
}

TEST_F(Rulings, Own) {
  expect(Ruling::kOwn, end_of(probe("192.0.2.2")));
}

TEST_F(Rulings, NotOurs) {
  expect(Ruling::kNotOurs, end_of(probe("192.0.2.1", "udp 10.1.0.10:4000 > 10.3.0.10:53")));
}

TEST_F(Rulings, BadGateway) {
  expect(Ruling::kBadGateway, end_of(probe("224.0.0.1")));
}

TEST_F(Rulings, TooMany) {
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(end_of(probe()), ProbeEnd::kAnswered);
  expect(Ruling::kTooMany, end_of(probe()));
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
