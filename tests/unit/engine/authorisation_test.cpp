// A peer speaks for no more than it may: whoever asked for the tunnel, when it comes up, is rekeyed, or the rights
// change.
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "engine/engine.hpp"
#include "engine/limits.hpp"
#include "engine/part.hpp"
#include "engine/probe.hpp"
#include "sim/random.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace engine {
namespace {

const base::Address kHere = *base::Address::parse("192.0.2.1");
const base::Address kPeer = *base::Address::parse("192.0.2.2");
const base::Flow kP = *base::Flow::parse("tcp 10.1.0.10:40000 > 10.2.0.10:443");

base::Selector box(const char* remote) {
  return {std::nullopt, *base::MaskedAddress::parse("10.1.0.0/16"), *base::MaskedAddress::parse(remote), {}, {}};
}

Authorisation may(std::initializer_list<const char*> prefixes, bool narrows = false) {
  Authorisation one{.identity = "gw-b.example", .allowed = {}, .basis = "its certificate's address blocks"};
  for (const char* prefix : prefixes) one.allowed.add(*base::Prefix::parse(prefix));
  one.narrows = narrows;
  return one;
}

struct Gateway : testing::Test {
  static std::shared_ptr<const policy::Snapshot> policy() {
    policy::Rule rule;
    rule.name = "branch";
    rule.local = {*base::MaskedAddress::parse("10.1.0.0/16")};
    rule.remote = {*base::MaskedAddress::parse("10.0.0.0/8")};
    return std::make_shared<const policy::Snapshot>(std::vector{rule});
  }

  void tell(Event event) {
    downs.clear();
    engine.handle(std::move(event), now);
    while (auto action = engine.next_action()) {
      if (const auto* down = std::get_if<TakeDown>(&*action)) {
        downs.push_back(down->id);
        with_ike_sa = down->dead;
      }
      if (const auto* up = std::get_if<BringUp>(&*action)) wanted = *up;
      if (const auto* report = std::get_if<Report>(&*action)) {
        if (report->id == ReportId::kTunnelUnauthorised) said = report->text;
      }
    }
  }
  void up(std::uint64_t id, const char* remote, std::optional<Authorisation> authorisation,
          std::optional<wire::Cookie> cookie = {}) {
    tell(TunnelUp{TunnelId{id}, kPeer, kHere, {box(remote)}, cookie, std::move(authorisation)});
  }
  /// Discovers the peer for P, which answers with 10.2.0.0/16; strongSwan has been asked then.
  void discover() {
    tell(FlowCaught{kP});
    ASSERT_EQ(engine.discoveries().size(), 1U);
    const wire::Response response{.initiator_cookie = engine.discoveries().all().begin()->second.cookie,
                                  .responder_cookie = {1},
                                  .gateway = kPeer,
                                  .half_proxy = {},
                                  .capabilities = {},
                                  .proxy = box("10.2.0.0/16").mirrored()};
    tell(DatagramCaught{wire::udp_packet(kPeer, kHere, wire::kUdpPort, wire::kUdpPort, wire::encode(response))});
    ASSERT_TRUE(wanted.has_value());
  }
  [[nodiscard]] std::uint64_t count(Counter counter) const { return engine.counters().value(counter); }
  [[nodiscard]] std::size_t standing() const { return engine.tunnels().all().size(); }
  [[nodiscard]] State state() const { return engine.discoveries().all().begin()->second.state; }

  sim::SeededRandom random{1};
  sim::SeededHash hash{1};
  Engine engine{Settings{.gateways = {kHere}}, policy(), Ports{random, hash}};
  base::Instant now{std::chrono::hours(1)};
  std::vector<TunnelId> downs;
  std::optional<BringUp> wanted;
  bool with_ike_sa = false;
  std::string said;
};

TEST_F(Gateway, WhoSpeaksForNoMoreThanItMayIsTakenIn) {
  up(1, "10.2.0.0/24", may({"10.2.0.0/16"}));
  EXPECT_EQ(standing(), 1U);
  up(2, "10.3.0.0/24", std::nullopt);  // a shared secret: nobody is told apart
  EXPECT_EQ(standing(), 2U);
  EXPECT_EQ(count(Counter::kTunnelsUnauthorised), 0U);
}

TEST_F(Gateway, APeerThatClaimsMoreIsRefusedAtOnce) {
  up(1, "10.2.0.0/15", may({"10.2.0.0/16"}));
  EXPECT_EQ(downs, std::vector{TunnelId{1}});
  EXPECT_EQ(standing(), 0U);
  EXPECT_EQ(count(Counter::kTunnelsUnauthorised), 1U);
  EXPECT_EQ(said,
            "a tunnel to 192.0.2.2 with any 10.1.0.0/16 > 10.2.0.0/15 is taken down: 'gw-b.example' may speak for "
            "10.2.0.0/16 only (its certificate's address blocks)");
}

TEST_F(Gateway, WhoMaySpeakForNothingIsRefused) {
  up(1, "10.2.0.0/24", may({}));
  EXPECT_EQ(downs, std::vector{TunnelId{1}});
  EXPECT_TRUE(with_ike_sa) << "it may have no CHILD_SA at all";
  EXPECT_EQ(standing(), 0U);
  up(2, "10.2.0.0/24", may({"10.3.0.0/16"}));
  EXPECT_FALSE(with_ike_sa) << "it may have another";
}

TEST_F(Gateway, WhoAskedForTooMuchIsNotAnsweredForAMoment) {
  const auto asks = [this] {
    const wire::Probe probe = probe_for(kP.mirrored(), wire::Cookie{9}, kPeer, nullptr);
    const auto before = count(Counter::kProbesAnswered);
    tell(DatagramCaught{packet_of(probe)});
    return count(Counter::kProbesAnswered) > before;
  };
  EXPECT_TRUE(asks());
  up(1, "10.2.0.0/24", may({"10.3.0.0/16"}));
  EXPECT_FALSE(asks());
  now += kHoldDownMax;
  EXPECT_TRUE(asks());
}

// charon chose what that tunnel carries, and a tunnel of our own asking can be narrowed.
TEST_F(Gateway, WhoAskedForTooMuchIsLookedForWhereItMayHaveAPart) {
  const auto asks = [this] {
    tell(DatagramCaught{packet_of(probe_for(kP.mirrored(), wire::Cookie{9}, kPeer, nullptr))});
  };
  asks();
  up(1, "10.2.0.0/16", may({"10.2.0.0/24"}));
  EXPECT_EQ(engine.discoveries().size(), 0U) << "without excess = narrow";
  now += kHoldDownMax;
  asks();
  up(2, "10.2.0.0/16", may({"10.3.0.0/24"}, true));
  EXPECT_EQ(engine.discoveries().size(), 0U) << "it may not have that flow at all";
  now += kHoldDownMax;
  asks();
  up(3, "10.2.0.0/16", may({"10.2.0.0/24"}, true));
  EXPECT_EQ(downs, std::vector{TunnelId{3}});
  ASSERT_EQ(engine.discoveries().size(), 1U);
  EXPECT_EQ(engine.discoveries().all().begin()->second.flow, kP);
  now += kHoldDownMax + kHoldDownMax;
  up(4, "10.2.0.0/16", may({"10.2.0.0/24"}, true));
  EXPECT_EQ(engine.discoveries().size(), 1U) << "it did not ask lately";
}

TEST_F(Gateway, TheTunnelThatItAskedForIsRefusedAndHeldDown) {
  discover();
  up(1, "10.2.0.0/16", may({"10.3.0.0/16"}), wanted->cookie);
  EXPECT_EQ(standing(), 0U);
  EXPECT_EQ(state(), State::kHoldingDown);
  const std::string reason = engine.discoveries().all().begin()->second.reason;
  EXPECT_NE(reason.find("'gw-b.example' may speak for 10.3.0.0/16 only"), std::string::npos) << reason;
}

TEST_F(Gateway, WhereClaimsAreNarrowedThePartIsAskedFor) {
  discover();
  const wire::Cookie first = wanted->cookie;
  up(1, "10.2.0.0/16", may({"10.2.0.0/24", "10.9.0.0/16"}, true), first);
  EXPECT_EQ(downs, std::vector{TunnelId{1}});
  EXPECT_NE(wanted->cookie, first);
  EXPECT_EQ(wanted->selectors, std::vector{box("10.2.0.0/24")});
  EXPECT_EQ(count(Counter::kTunnelsNarrowed), 1U);
  up(2, "10.2.0.0/24", may({"10.2.0.0/24", "10.9.0.0/16"}, true), wanted->cookie);
  EXPECT_EQ(standing(), 1U);
  EXPECT_EQ(engine.discoveries().size(), 0U);
}

TEST_F(Gateway, NarrowingThatLosesThePacketIsARefusal) {
  discover();
  up(1, "10.2.0.0/16", may({"10.2.1.0/24"}, true), wanted->cookie);
  EXPECT_EQ(state(), State::kHoldingDown);
  EXPECT_EQ(count(Counter::kTunnelsNarrowed), 0U);
}

TEST_F(Gateway, WhatThePeerNarrowedIsTakenOnlyWhereClaimsAreNarrowed) {
  discover();
  up(1, "10.2.0.0/24", may({"10.2.0.0/16"}), wanted->cookie);
  EXPECT_EQ(state(), State::kHoldingDown);
  EXPECT_EQ(downs, std::vector{TunnelId{1}});
  tell(PeerForgotten{kPeer});
  tell(TunnelDown{TunnelId{1}});
  discover();
  up(2, "10.2.0.0/24", may({"10.2.0.0/16"}, true), wanted->cookie);
  EXPECT_EQ(standing(), 1U);
}

TEST_F(Gateway, IsJudgedAgainWhenRekeyedAndWhenItsRightsChange) {
  up(1, "10.2.0.0/24", may({"10.2.0.0/16"}));
  tell(TunnelRekeyed{TunnelId{1}, {TunnelId{2}, kPeer, kHere, {box("10.2.0.0/24")}, {}, may({"10.2.0.0/16"})}});
  EXPECT_EQ(standing(), 1U);
  tell(TunnelAuthorised{TunnelId{2}, may({"10.2.0.0/24"})});
  EXPECT_EQ(standing(), 1U);
  tell(TunnelAuthorised{TunnelId{2}, may({"10.2.0.0/25"})});
  EXPECT_EQ(standing(), 0U);
  EXPECT_EQ(downs, std::vector{TunnelId{2}});
  up(3, "10.2.0.0/24", may({"10.2.0.0/16"}));
  tell(TunnelRekeyed{TunnelId{3}, {TunnelId{4}, kPeer, kHere, {box("10.2.0.0/24")}, {}, may({})}});
  EXPECT_EQ(standing(), 0U);
  EXPECT_EQ(downs, std::vector{TunnelId{4}});
}

TEST(Part, IsWhatIsAllowedOfTheFarSide) {
  base::SelectorList agreed = base::SelectorList::of(box("10.2.0.0/16"));
  agreed.remote.push_back({*base::MaskedAddress::parse("10.4.0.0/16"), {}});
  const auto part = part_within(agreed, may({"10.2.0.0/24", "10.2.9.0/24", "10.4.0.0/15"}).allowed, kP, 64);
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->text(), "any {10.1.0.0/16} > {10.2.0.0/24, 10.2.9.0/24, 10.4.0.0/16}");
  const auto one = part_within(agreed, may({"10.2.0.0/24", "10.2.9.0/24"}).allowed, kP, 1);
  EXPECT_EQ(one->text(), "any 10.1.0.0/16 > 10.2.0.0/24");
  EXPECT_FALSE(part_within(agreed, may({"10.2.9.0/24"}).allowed, kP, 64).has_value());
}

}  // namespace
}  // namespace engine
