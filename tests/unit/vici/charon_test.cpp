// The glue against two real charons: what is loaded, started, reported and removed.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>

#include "unit/vici/charon_fixture.hpp"

namespace {

using namespace vici_lab;
using namespace std::chrono_literals;

TEST_F(CharonTest, TellsVersionAndDataPlane) {
  const auto version = call<vici::Version>([&](auto done) { a_->charon.version(std::move(done)); });
  ASSERT_TRUE(version);
  EXPECT_EQ(version->daemon, "charon-systemd");
  const auto stats = call<vici::Stats>([&](auto done) { a_->charon.stats(std::move(done)); });
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->data_plane, vici::DataPlane::kUserspace);
}

// A -> B CREATE {tcp 10.1.2.0/24 > 10.2.3.0/24:443}: the proposal is narrower than the responder's rule in each part
TEST_F(CharonTest, BothEndsReportExactlyWhatWasProposed) {
  const auto wanted = selector(base::Protocol::kTcp, "10.1.2.0/24", "10.2.3.0/24", {}, base::PortRange::only(443));
  const auto result = start(*a_, initiation("web", {wanted}));
  ASSERT_FALSE(result) << words(result);
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
  const auto& at_a = a_->heard.up[0];
  const auto& at_b = b_->heard.up[0];
  EXPECT_EQ(vici::from_ts(at_a.local_ts, at_a.remote_ts), std::vector{wanted});
  EXPECT_EQ(vici::from_ts(at_b.local_ts, at_b.remote_ts), std::vector{wanted.mirrored()});
  EXPECT_EQ(at_a.child, "web");
  EXPECT_EQ(at_a.connection, "opented-192.0.2.2");
  EXPECT_EQ(at_b.connection, "opented-in");
  EXPECT_EQ(at_a.peer, kB);
  EXPECT_EQ(at_b.peer, kA);
  EXPECT_EQ(at_a.spi_in, at_b.spi_out);
  EXPECT_TRUE(at_a.initiator);
  EXPECT_FALSE(at_b.initiator);
  EXPECT_EQ(connections(0), std::vector<std::string>{"opented-in"});
}

TEST_F(CharonTest, IcmpTypeAndCodeSurvive) {
  const std::vector<base::Selector> list = {
      selector(base::Protocol::kIcmp, "10.1.2.0/24", "10.2.3.0/24", base::PortRange::only(8), base::PortRange::only(0)),
      selector(base::Protocol::kIcmp, "10.1.2.0/24", "10.2.3.0/24", base::PortRange::only(3), base::PortRange::only(4)),
      selector(base::Protocol::kIcmp, "10.1.2.0/24", "10.2.3.0/24", base::PortRange::only(8)),
      selector(base::Protocol::kIcmp, "10.1.2.0/24", "10.2.3.0/24"),
      selector(base::Protocol::kUdp, "10.1.2.0/24", "10.2.3.0/24", {1000, 2000}, {53, 54}),
      selector(std::nullopt, "10.1.2.3/32", "10.2.3.4/32"),
      selector(static_cast<base::Protocol>(200), "10.1.2.3/32", "10.2.3.4/32")};
  int n = 0;
  for (const auto& wanted : list) {
    a_->heard = b_->heard = {};
    const auto result = start(*a_, initiation("c" + std::to_string(n++), {wanted}));
    ASSERT_FALSE(result) << words(result);
    ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
    const auto& up = a_->heard.up[0];
    EXPECT_EQ(vici::from_ts(up.local_ts, up.remote_ts), std::vector{wanted});
    const auto& far = b_->heard.up[0];
    EXPECT_EQ(vici::from_ts(far.local_ts, far.remote_ts), std::vector{wanted.mirrored()});
  }
}

TEST_F(CharonTest, WrongSecretIsAuthFailed) {
  load(*b_, responder(kB, "10.2.0.0/16", "10.0.0.0/8"), "another");
  const auto result = start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kAuthFailed) << words(result);
}

TEST_F(CharonTest, SelectorsThatThePeerDoesNotProtectAreTsUnacceptable) {
  const auto result = start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "172.16.0.0/24")}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kTsUnacceptable) << words(result);
  const auto left = call<std::vector<vici::IkeSa>>([&](auto done) { a_->charon.list_ikes(std::move(done)); });
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
}

TEST_F(CharonTest, ForeignProposalIsNoProposal) {
  auto what = initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
  what.proposals = {{"aes192-sha512-modp4096"}, {}};
  auto theirs = responder(kB, "10.2.0.0/16", "10.0.0.0/8");
  theirs.proposals = {{"aes256gcm16-prfsha256-ecp256"}, {"aes256gcm16-ecp256"}};
  load(*b_, theirs, "secret");
  auto result = start(*a_, what);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kNoProposal) << words(result);
  what.proposals = {{"aes256gcm16-prfsha256-ecp256"}, {"aes128-sha1"}};
  result = start(*a_, what);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kNoProposal) << words(result);
  what.proposals = theirs.proposals;
  result = start(*a_, what);
  EXPECT_FALSE(result) << words(result);
}

// userspace ESP routes from an address of the local selector, and A has none in this one
TEST_F(CharonTest, NoLocalAddressIsToldWithTheWayOut) {
  const auto result = start(*a_, initiation("web", {selector(std::nullopt, "10.1.4.0/24", "10.2.3.0/24")}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kOther) << words(result);
  EXPECT_NE(result->words.find("no address inside the local selector"), std::string::npos) << words(result);
}

TEST_F(CharonTest, AbsentPeerIsTimeoutAndLeavesNothing) {
  auto what = initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
  what.peer = base::Address::v4(0xc0000209);
  const auto result = start(*a_, what, 1500ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kTimeout) << words(result);
  const auto left = call<std::vector<vici::IkeSa>>([&](auto done) { a_->charon.list_ikes(std::move(done)); });
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
  EXPECT_EQ(connections(0), std::vector<std::string>{"opented-in"});
}

TEST_F(CharonTest, TerminateIsDownAtBothEnds) {
  ASSERT_FALSE(start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")})));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
  const auto id = a_->heard.up[0].child_id;
  const auto asked = call<void>([&](auto done) { a_->charon.terminate_child(id, std::move(done)); });
  ASSERT_TRUE(asked) << asked.error().text();
  ASSERT_TRUE(until(both(), [&] { return a_->heard.down.size() == 1 && b_->heard.down.size() == 1; }));
  EXPECT_EQ(a_->heard.down[0].child_id, id);
  EXPECT_EQ(b_->heard.down[0].child_id, b_->heard.up[0].child_id);
  const auto again = call<void>([&](auto done) { a_->charon.terminate_child(id, std::move(done)); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, vici::ErrorCode::kRefused);
}

TEST_F(CharonTest, UnloadTakesOnlyWhatIsOurs) {
  ASSERT_FALSE(start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")})));
  ASSERT_TRUE(call<void>([&](auto done) { a_->charon.unload_all_own(std::move(done)); }));
  EXPECT_TRUE(connections(0).empty());
  const auto listed = call<std::vector<vici::TunnelUp>>([&](auto done) { a_->charon.list_sas(std::move(done)); });
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->size(), 1U) << "what stands stays";
}

TEST_F(CharonTest, NewClientAdoptsWhatStands) {
  ASSERT_FALSE(start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")})));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1; }));
  const auto before = a_->heard.up[0];
  a_ = std::make_unique<Driver>(lab_->socket(0));
  ASSERT_TRUE(until(both(), [&] { return a_->charon.is_connected(); }));
  const auto listed = call<std::vector<vici::TunnelUp>>([&](auto done) { a_->charon.list_sas(std::move(done)); });
  ASSERT_TRUE(listed);
  EXPECT_EQ(*listed, std::vector{before});
}

}  // namespace
