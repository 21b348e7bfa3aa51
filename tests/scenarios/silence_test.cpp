// Nobody answers: what the network says about it, what is not asked again, and when all of it is forgotten.
#include "engine/limits.hpp"
#include "scenarios/two_gateways.hpp"
#include "support/packets.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using sim::Fate;

class Silence : public TwoGateways {
 protected:
  void start_without_answer(std::vector<policy::Rule> a = {protect("branch", "10.1.0.0/16", "10.0.0.0/8")}) {
    start(std::move(a), {protect("elsewhere", "10.9.0.0/16", "10.1.0.0/16")});
    world_.on_link([this](const std::string&, base::Bytes& packet) {
      probe_ = packet;
      return Fate::kLost;
    });
  }
  // The last host or router says that the last probe, changed at one byte or not, went no further.
  void say_unreachable(std::size_t changed = 0, std::uint8_t code = 3, std::optional<base::Address> router = {}) {
    base::Bytes icmp{3, code, 0, 0, 0, 0, 0, 0};
    icmp.insert(icmp.end(), probe_.begin(), probe_.end());
    if (changed != 0) icmp[8 + changed] ^= 1;
    world_.tell("A", engine::DatagramCaught{
                         support::ip_packet(router.value_or(p_.destination), p_.source, base::Protocol::kIcmp, icmp)});
  }
  void send_to(std::uint32_t host) {
    base::Flow flow = p_;
    flow.destination = base::Address::v4(host);
    world_.send(flow);
  }

  base::Bytes probe_;
};

TEST_F(Silence, AnUnreachableForOurProbeEndsTheWaitAtOnce) {
  start_without_answer();
  world_.send(p_);
  say_unreachable();
  EXPECT_EQ(count("A", Counter::kProbesUnreachable), 1U);
  ASSERT_EQ(world_.engine("A").discoveries().size(), 1U);
  const auto& discovery = world_.engine("A").discoveries().all().begin()->second;
  EXPECT_EQ(discovery.state, engine::State::kHoldingDown);
  EXPECT_NE(
      discovery.reason.find("went the whole path, and 10.2.0.10 itself says that it is unreachable (ICMP code 3)"),
      std::string::npos)
      << discovery.reason;
  world_.run_for(600ms);
  EXPECT_EQ(count("A", Counter::kProbesSent), 1U);
}

// Each says something else of where the probe was lost.
TEST_F(Silence, WhoSaysUnreachableAndWithWhatCodeIsTold) {
  const auto router = *base::Address::parse("198.51.100.9");
  for (const auto& [code, words] :
       {std::pair<std::uint8_t, const char*>{13, "198.51.100.9 on the path refuses the probe (ICMP code 13)"},
        {3, "198.51.100.9 on the path refuses the probe (ICMP code 3)"},
        {1, "198.51.100.9 on the path has no way to 10.2.0.10 (ICMP code 1)"}}) {
    start_without_answer();
    world_.send(p_);
    say_unreachable(0, code, router);
    const std::string reason = world_.engine("A").discoveries().all().begin()->second.reason;
    EXPECT_EQ(reason, std::string("no gateway answered: ") + words);
    world_.tell("A", engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(
                         std::vector{protect("branches", "10.1.0.0/16", "10.0.0.0/8")})});
  }
}

// It opens nothing, and is the best that there is to say when the other attempts are silent.
TEST_F(Silence, WhatAnUnreachableSaidIsToldWhenAllAttemptsFailed) {
  auto open = protect("open", "10.1.0.0/16", "10.0.0.0/8");
  open.on_failure = policy::OnFailure::kBypass;
  start_without_answer({open});
  world_.send(p_);
  say_unreachable();
  world_.run_for(5s);
  EXPECT_NE(world_.engine("A").discoveries().all().begin()->second.reason.find("went the whole path"),
            std::string::npos);
}

TEST_F(Silence, AnUnreachableWithAnotherCookieOrOtherHostsIsNotBelieved) {
  start_without_answer();
  world_.send(p_);
  say_unreachable(20 + 8);  // the cookie's first byte
  say_unreachable(15);      // the last byte of the source
  EXPECT_EQ(count("A", Counter::kUnreachableRejected), 2U);
  EXPECT_EQ(world_.engine("A").discoveries().all().begin()->second.state, engine::State::kProbing);
}

// What may pass in the clear when nobody answers must not do so on a word that anybody on the path can send.
TEST_F(Silence, AnUnreachableOpensNoBypass) {
  auto open = protect("open", "10.1.0.0/16", "10.0.0.0/8");
  open.on_failure = policy::OnFailure::kBypass;
  start_without_answer({open});
  world_.send(p_);
  say_unreachable();
  EXPECT_EQ(world_.engine("A").discoveries().all().begin()->second.state, engine::State::kProbing);
  EXPECT_EQ(world_.send(p_), sim::Delivery::kDropped);
}

TEST_F(Silence, ANetworkOfSilentHostsIsNotProbedAddressByAddress) {
  start_without_answer();
  for (std::uint32_t host = 1; host <= engine::kSilentDestinations; ++host) send_to(0x0a020000 + host);
  world_.run_for(4s);
  ASSERT_EQ(count("A", Counter::kDiscoveriesUnanswered), engine::kSilentDestinations);
  for (std::uint32_t host = 100; host < 200; ++host) send_to(0x0a020000 + host);
  EXPECT_EQ(count("A", Counter::kDiscoveriesStarted), engine::kSilentDestinations + 1);
  EXPECT_EQ(count("A", Counter::kFlowsSilentPrefix), 99U);
  send_to(0x0a020100);  // the next network is another
  EXPECT_EQ(count("A", Counter::kDiscoveriesStarted), engine::kSilentDestinations + 2);
  world_.run_for(60s);  // all is forgotten
  send_to(0x0a0200c8);
  EXPECT_EQ(count("A", Counter::kDiscoveriesStarted), engine::kSilentDestinations + 3);
  EXPECT_EQ(count("A", Counter::kIllegalMoves), 0U);
}

TEST_F(Silence, AHostThatScansIsPacedAndItsNeighbourIsNot) {
  start_without_answer();
  const auto scan = [&](std::uint32_t networks) {  // of 256 addresses each, one of which is asked for
    for (std::uint32_t i = 0; i < networks; ++i)
      world_.tell("A", engine::FlowCaught{
                           {p_.source, base::Address::v4(0x0a800000 + (i << 8)), base::Protocol::kUdp, 40000, 53}});
  };
  scan(3'000);
  const auto burst = static_cast<std::uint64_t>(engine::kDiscoveriesPerHostBurst);
  EXPECT_EQ(count("A", Counter::kDiscoveriesStarted), burst);
  EXPECT_EQ(count("A", Counter::kFlowsPaced), 3'000U - burst);
  const auto before = count("A", Counter::kDiscoveriesStarted);
  world_.send(
      {base::Address(p_.source.family(), p_.source.value() + 1), p_.destination, base::Protocol::kUdp, 40000, 53});
  EXPECT_EQ(count("A", Counter::kDiscoveriesStarted), before + 1);
  world_.run_for(60s);  // however many are due at a time, each has its turn
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
  EXPECT_EQ(count("A", Counter::kDiscoveriesUnanswered), burst + 1);
}

TEST_F(Silence, WhereFailureOpensABypassEveryDestinationIsAsked) {
  auto open = protect("open", "10.1.0.0/16", "10.0.0.0/8");
  open.on_failure = policy::OnFailure::kBypass;
  start_without_answer({open});
  for (std::uint32_t host = 1; host <= 2 * engine::kSilentDestinations; ++host) {
    send_to(0x0a020000 + host);
    world_.run_for(4s);
  }
  EXPECT_EQ(count("A", Counter::kFlowsSilentPrefix), 0U);
}

TEST_F(Silence, ChangedRoutesEndHoldDownsAndTheirGrowth) {
  start_without_answer();
  world_.send(p_);
  world_.run_for(4s);
  ASSERT_EQ(world_.engine("A").discoveries().all().begin()->second.state, engine::State::kHoldingDown);
  world_.tell("A", engine::RoutesChanged{});
  const auto& discovery = world_.engine("A").discoveries().all().begin()->second;
  EXPECT_EQ(discovery.state, engine::State::kResting);
  EXPECT_EQ(discovery.failures, 0U);
  world_.send(p_);
  EXPECT_EQ(world_.engine("A").discoveries().all().begin()->second.state, engine::State::kProbing);
  world_.run_for(60s);
  EXPECT_EQ(world_.engine("A").discoveries().size(), 0U);
}

}  // namespace
}  // namespace scenarios
