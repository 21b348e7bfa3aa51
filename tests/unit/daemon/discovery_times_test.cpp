// What is measured of a discovery, from a real engine's actions and reports.
#include "daemon/discovery_times.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <utility>

#include "engine/engine.hpp"
#include "sim/random.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace tedd {
namespace {

using namespace std::chrono_literals;

const base::Address kPeer = *base::Address::parse("192.0.2.2");

std::shared_ptr<const policy::Snapshot> policy() {
  policy::Rule rule;
  rule.name = "sites";
  rule.local = {*base::MaskedAddress::parse("10.1.0.0/16")};
  rule.remote = {*base::MaskedAddress::parse("10.2.0.0/16")};
  return std::make_shared<const policy::Snapshot>(std::vector{rule});
}

TEST(Histogram, CountsUpToEachBound) {
  Histogram histogram;
  histogram.observe(1ms);  // the bound itself is in its bucket
  histogram.observe(1001us);
  histogram.observe(61s);
  histogram.observe(-1s);  // clocks of two turns: nothing is below zero
  EXPECT_EQ(histogram.up_to(0), 2U);
  EXPECT_EQ(histogram.up_to(1), 3U);
  EXPECT_EQ(histogram.up_to(Histogram::kBounds.size() - 1), 3U);
  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_NEAR(histogram.sum(), 61.002001, 1e-9);
}

/// Does with engine and times what Gateway does.
class Times : public ::testing::Test {
 protected:
  void carry_out() {
    while (auto action = engine_.next_action()) {
      if (auto* sent = std::get_if<engine::Transmit>(&*action)) sent_ = sent->packet;
      if (auto* wanted = std::get_if<engine::BringUp>(&*action)) {
        wanted_ = *wanted;
        times_.asked(wanted->cookie, now_);
      }
      if (auto* report = std::get_if<engine::Report>(&*action)) times_.note(*report, engine_.peers(), now_);
    }
  }
  void tell(engine::Event event) {
    engine_.handle(std::move(event), now_);
    carry_out();
  }
  void come_up(engine::TunnelUp up) {
    const engine::TunnelId id = up.id;
    engine_.handle(std::move(up), now_);
    if (const engine::Tunnel* tunnel = engine_.tunnels().find(id); tunnel && !tunnel->is_ending) {
      times_.up(tunnel->facts, now_);
    }
    carry_out();
  }
  void pass(base::Duration span) {
    const base::Instant end = now_ + span;
    for (; now_ + 1ms < end; now_ += 1ms) {
      engine_.on_deadline(now_);
      carry_out();
    }
    now_ = end;
  }
  void catch_flow() { tell(engine::FlowCaught{*base::Flow::parse("tcp 10.1.0.7:4000 > 10.2.0.7:80")}); }
  void answer() {
    const auto probe = std::get<wire::Probe>(*wire::decode(wire::udp_of(sent_)->payload));
    const wire::Response response{
        .initiator_cookie = probe.initiator_cookie,
        .responder_cookie = {1},
        .gateway = kPeer,
        .half_proxy = {},
        .capabilities = {},
        .proxy = base::Selector{
            {}, *base::MaskedAddress::parse("10.2.0.0/16"), *base::MaskedAddress::parse("10.1.0.0/16"), {}, {}}};
    tell(engine::DatagramCaught{
        wire::udp_packet(response.gateway, probe.gateway, wire::kUdpPort, wire::kUdpPort, wire::encode(response))});
  }
  [[nodiscard]] engine::TunnelUp tunnel(std::uint64_t id) const {
    return {engine::TunnelId{id}, kPeer, *base::Address::parse("192.0.2.1"), wanted_.selectors, wanted_.cookie};
  }

  sim::SeededRandom random_{1};
  sim::SeededHash hash_{1};
  base::Instant now_{1s};
  engine::Engine engine_{engine::Settings{.gateways = {*base::Address::parse("192.0.2.1")}}, policy(),
                         engine::Ports{random_, hash_}};
  DiscoveryTimes times_;
  base::Bytes sent_;
  engine::BringUp wanted_;
};

TEST_F(Times, EachPartIsMeasuredFromItsOwnBeginning) {
  catch_flow();
  pass(700ms);  // the first probe is lost, the second one goes out after half a second and something
  const auto repeated = engine_.discoveries().all().begin()->second.last_sent;
  ASSERT_GT(repeated, base::Instant{1s});
  pass(20ms);
  answer();
  pass(300ms);
  come_up(tunnel(1));
  EXPECT_EQ(times_.probe().count(), 1U);
  EXPECT_NEAR(times_.probe().sum(), std::chrono::duration<double>(base::Instant{1720ms} - repeated).count(), 1e-9);
  EXPECT_EQ(times_.ike().count(), 1U);
  EXPECT_NEAR(times_.ike().sum(), 0.3, 1e-9);
  EXPECT_EQ(times_.whole().count(), 1U);
  EXPECT_NEAR(times_.whole().sum(), 1.02, 1e-9);
  EXPECT_EQ(times_.under_way(), 0U);
}

TEST_F(Times, ATunnelOfTheOtherEndEndsADiscoveryToo) {
  catch_flow();
  pass(40ms);
  auto theirs = tunnel(1);
  theirs.cookie.reset();
  theirs.selectors = {
      {{}, *base::MaskedAddress::parse("10.1.0.0/16"), *base::MaskedAddress::parse("10.2.0.0/16"), {}, {}}};
  come_up(theirs);
  EXPECT_EQ(times_.whole().count(), 1U);
  EXPECT_NEAR(times_.whole().sum(), 0.04, 1e-9);
  EXPECT_EQ(times_.ike().count(), 0U);
  come_up(theirs);  // told again, as after a new connection to charon
  EXPECT_EQ(times_.whole().count(), 1U);
}

TEST_F(Times, WhatFailsIsNotMeasured) {
  catch_flow();
  answer();
  times_.refused(wanted_.cookie);
  tell(engine::BringUpFailed{wanted_.cookie, "no"});
  EXPECT_EQ(times_.under_way(), 0U);
  pass(5s);
  come_up(tunnel(1));  // later than anybody waited for it
  EXPECT_EQ(times_.probe().count(), 1U);
  EXPECT_EQ(times_.ike().count(), 0U);
  EXPECT_EQ(times_.whole().count(), 0U);
}

TEST_F(Times, WhatTheEngineForgetsIsForgotten) {
  catch_flow();
  answer();
  tell(engine::PeerForgotten{kPeer});
  times_.forget(kPeer);
  EXPECT_EQ(times_.under_way(), 1U);  // strongSwan has not answered, and its tunnel may come
  times_.refused(wanted_.cookie);
  EXPECT_EQ(times_.under_way(), 0U);
  catch_flow();
  EXPECT_EQ(times_.under_way(), 1U);
  tell(engine::PolicyReplaced{policy()});
  EXPECT_EQ(times_.under_way(), 0U);
}

TEST_F(Times, ATraceIsNotMeasured) {
  tell(engine::TraceRequested{engine::TraceId{1}, *base::Flow::parse("tcp 10.1.0.7:4000 > 10.2.0.7:80")});
  answer();
  EXPECT_EQ(times_.under_way(), 0U);
  EXPECT_EQ(times_.probe().count(), 0U);
}

TEST(DiscoveryTimes, IsBounded) {
  DiscoveryTimes times;
  engine::Counters counters;
  const engine::Peers peers{{}, counters};
  for (std::uint32_t host = 0; host < DiscoveryTimes::kMaxUnderWay + 10; ++host) {
    const base::Flow flow{base::Address::v4(0x0a010001), base::Address::v4(0x0a020000 + host), base::Protocol::kUdp, 7,
                          9};
    times.note({engine::ReportId::kDiscoveryStarted, "", "sites", flow, {}}, peers, base::Instant{1s});
    times.asked({std::uint8_t(host), std::uint8_t(host >> 8U), std::uint8_t(host >> 16U)}, base::Instant{1s});
  }
  EXPECT_EQ(times.under_way(), 2 * DiscoveryTimes::kMaxUnderWay);
  EXPECT_EQ(times.unmeasured(), 20U) << "ten that began too late, and the oldest ten of which strongSwan was asked";
  times.asked({1, 2, 3, 4}, base::Instant{1s} + DiscoveryTimes::kForgotten + 1ms);
  EXPECT_EQ(times.under_way(), DiscoveryTimes::kMaxUnderWay + 1);
  EXPECT_EQ(times.unmeasured(), 20U) << "what nobody waits for any more takes nobody's room";
}

}  // namespace
}  // namespace tedd
