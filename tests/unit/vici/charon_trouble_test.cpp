// The glue against two real charons: rekeying, crossing, crashing and crowding.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>

#include "unit/vici/charon_fixture.hpp"

namespace {

using namespace vici_lab;
using namespace std::chrono_literals;

// rekeying goes on after the connection was unloaded, and is no down and up
TEST_F(CharonTest, RekeyAfterUnloadIsOneEvent) {
  ASSERT_FALSE(start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")})));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
  const auto before = a_->heard.up[0];
  rekey(0, "child-id", before.child_id);
  ASSERT_TRUE(until(both(), [&] { return !a_->heard.rekeyed.empty() && !b_->heard.rekeyed.empty(); }));
  EXPECT_EQ(a_->heard.rekeyed[0].old_child_id, before.child_id);
  EXPECT_NE(a_->heard.rekeyed[0].now.child_id, before.child_id);
  EXPECT_EQ(a_->heard.rekeyed[0].now.remote_ts, before.remote_ts);
  rekey(0, "ike-id", before.ike_id);
  ASSERT_TRUE(until(both(), [&] { return !a_->heard.ike_rekeyed.empty() && !b_->heard.ike_rekeyed.empty(); }));
  EXPECT_EQ(a_->heard.ike_rekeyed[0].old_ike_id, before.ike_id);
  rekey(1, "child-id", b_->heard.rekeyed[0].now.child_id);
  ASSERT_TRUE(until(both(), [&] { return a_->heard.rekeyed.size() == 2 && b_->heard.rekeyed.size() == 2; }));
  until(both(), [] { return false; }, 300ms);
  for (Driver* driver : both()) {
    EXPECT_EQ(driver->heard.up.size(), 1U);
    EXPECT_TRUE(driver->heard.down.empty());
    EXPECT_TRUE(driver->heard.ike_down.empty());
  }
}

// both start at once, for different traffic, and each meets the connection that the other direction has loaded
TEST_F(CharonTest, CrossingInitiationsBothStand) {
  for (int round = 0; round < 10; ++round) {
    a_->heard = b_->heard = {};
    std::vector<vici::InitiationResult> results;
    const auto record = [&](const vici::InitiationResult& got) { results.push_back(got); };
    const auto mine = selector(base::Protocol::kTcp, "10.1.2.0/24", "10.2.3.0/24");
    const auto theirs = selector(base::Protocol::kUdp, "10.2.0.0/16", "10.1.0.0/16");
    a_->charon.initiate(initiation("mine", {mine}), 5s, record);
    b_->charon.initiate(initiation("theirs", {theirs}, false), 5s, record);
    ASSERT_TRUE(until(both(), [&] { return results.size() == 2; }));
    for (const auto& result : results) EXPECT_FALSE(result) << words(result);
    ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 2 && b_->heard.up.size() == 2; }));
    std::vector<base::Selector> got;
    for (const auto& up : a_->heard.up) {
      const auto carried = vici::from_ts(up.local_ts, up.remote_ts);
      ASSERT_TRUE(carried && carried->size() == 1)
          << up.connection << ' ' << up.child << ": " << testing::PrintToString(up.local_ts)
          << " === " << testing::PrintToString(up.remote_ts);
      got.push_back(carried->front());
    }
    EXPECT_NE(std::ranges::find(got, mine), got.end());
    EXPECT_NE(std::ranges::find(got, theirs.mirrored()), got.end());
    until(both(), [] { return false; }, 200ms);
    EXPECT_EQ(a_->heard.down.size() + b_->heard.down.size(), 0U);
    call<void>([&](auto done) { a_->charon.terminate_all_own(std::move(done)); });
    ASSERT_TRUE(until(both(), [&] { return a_->heard.down.size() == 2 && b_->heard.down.size() == 2; }));
  }
}

// the peer asks while our own attempt hangs, with its connection loaded: it must not be narrowed to what we try
TEST_F(CharonTest, PeerIsServedWhileOurAttemptIsLoaded) {
  const auto tried = selector(base::Protocol::kTcp, "10.1.2.0/24", "10.2.3.0/24", {}, base::PortRange::only(80));
  lab_->pause(1, true);
  std::optional<vici::InitiationResult> ours;
  a_->charon.initiate(initiation("ours", {tried}), 8s, [&](const vici::InitiationResult& got) { ours = got; });
  ASSERT_TRUE(until({a_.get()}, [&] { return connections(0).size() == 2; })) << "ours is loaded";
  const auto wider = selector(base::Protocol::kTcp, "10.2.0.0/16", "10.1.0.0/16");
  lab_->pause(1, false);
  const auto theirs = start(*b_, initiation("theirs", {wider}, false));
  EXPECT_FALSE(theirs) << words(theirs);
  ASSERT_TRUE(until(both(), [&] { return ours.has_value(); }));
  const auto is_theirs = [&](const vici::TunnelUp& up) {
    return vici::from_ts(up.local_ts, up.remote_ts) == std::vector{wider.mirrored()};
  };
  EXPECT_TRUE(until(both(), [&] { return std::ranges::any_of(a_->heard.up, is_theirs); }));
}

// a peer that crashed and came back: what it left stands until the caller ends it, without waiting for the peer
TEST_F(CharonTest, WhatACrashedPeerLeftGoesByForce) {
  ASSERT_FALSE(start(*b_, initiation("web", {selector(std::nullopt, "10.2.3.0/24", "10.1.2.0/24")}, false)));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
  lab_->stop(1, true);
  ASSERT_TRUE(until(both(), [&] { return !b_->charon.is_connected(); }));
  ASSERT_TRUE(lab_->start(1));
  ASSERT_TRUE(until(both(), [&] { return b_->charon.is_connected(); })) << "reconnects by itself";
  load(*b_, responder(kB, "10.2.0.0/16", "10.0.0.0/8"), "secret");
  ASSERT_FALSE(start(*b_, initiation("web", {selector(std::nullopt, "10.2.3.0/24", "10.1.2.0/24")}, false)));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 2; }));
  EXPECT_TRUE(a_->heard.down.empty());
  const auto stale = a_->heard.up[0].ike_id;
  ASSERT_TRUE(call<void>([&](auto done) { a_->charon.terminate_ike(stale, true, std::move(done)); }));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.down.size() == 1; }));
  EXPECT_EQ(a_->heard.down[0].child_id, a_->heard.up[0].child_id);
}

// charon dies under an initiation: its callback is called once, with the reason
TEST_F(CharonTest, CharonDyingUnderAnInitiationIsToldOnce) {
  auto what = initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
  what.peer = base::Address::v4(0xc0000209);
  int calls = 0;
  std::optional<vici::InitiationResult> result;
  a_->charon.initiate(what, 30s, [&](const vici::InitiationResult& got) {
    ++calls;
    result = got;
  });
  until(both(), [] { return false; }, 200ms);
  lab_->stop(0, true);
  ASSERT_TRUE(until(both(), [&] { return result.has_value() && !a_->charon.is_connected(); }));
  EXPECT_EQ((*result)->failure, vici::FailureClass::kOther);
  const auto late = call<void>([&](auto done) { a_->charon.load_psk("x", std::move(done)); });
  EXPECT_EQ(late.error().code, vici::ErrorCode::kClosed);
  ASSERT_TRUE(lab_->start(0));
  ASSERT_TRUE(until(both(), [&] { return a_->charon.is_connected(); }));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(a_->charon.initiations(), 0U);
}

// many peers that do not answer: a bounded number is tried at a time, and each is told
TEST_F(CharonTest, ManyInitiationsAreTakenInTurn) {
  std::vector<vici::InitiationResult> results;
  for (std::uint32_t i = 0; i < 100; ++i) {
    auto what = initiation("c" + std::to_string(i), {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
    what.peer = base::Address::v4(0xc0000210 + i);
    a_->charon.initiate(what, 1s, [&](const vici::InitiationResult& got) { results.push_back(got); });
  }
  EXPECT_EQ(a_->charon.initiations(), 100U);
  ASSERT_TRUE(until(both(), [&] { return results.size() == 100; }, 60s));
  EXPECT_TRUE(std::ranges::all_of(results, [](const auto& result) { return result.has_value(); }));
  ASSERT_TRUE(until(both(), [&] { return a_->charon.initiations() == 0; }));
  EXPECT_EQ(connections(0), std::vector<std::string>{"opented-in"});
}

TEST_F(CharonTest, CancelTellsEachAndLeavesNothing) {
  int told = 0;
  for (std::uint32_t i = 0; i < 2; ++i) {
    auto what = initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
    what.peer = base::Address::v4(0xc0000209);
    a_->charon.initiate(what, 30s, [&](const vici::InitiationResult& got) { told += got ? 1 : 0; });
  }
  until(both(), [] { return false; }, 200ms);
  a_->charon.cancel_initiations("going down");
  ASSERT_TRUE(until(both(), [&] { return told == 2 && a_->charon.initiations() == 0; }));
  call<void>([&](auto done) { a_->charon.terminate_all_own(std::move(done)); });
  const auto left = call<std::vector<vici::IkeSa>>([&](auto done) { a_->charon.list_ikes(std::move(done)); });
  EXPECT_TRUE(left && left->empty()) << "closing early aborts nothing in charon: terminate does";
  EXPECT_EQ(connections(0), std::vector<std::string>{"opented-in"});
}

// attempts that hang take no worker thread of charon from the one that does not
TEST_F(CharonTest, HangingAttemptsDoNotHoldUpAGoodOne) {
  std::vector<vici::InitiationResult> results;
  for (std::uint32_t i = 0; i < 40; ++i) {
    auto what = initiation("c" + std::to_string(i), {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
    what.peer = base::Address::v4(0xc0000210 + i);
    a_->charon.initiate(what, 3s, [&](const vici::InitiationResult& got) { results.push_back(got); });
    until(both(), [] { return false; }, 30ms);
  }
  until(both(), [] { return false; }, 300ms);
  std::optional<vici::InitiationResult> good;
  const auto begin = vici_lab::now();
  a_->charon.initiate(initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")}), 3s,
                      [&](const vici::InitiationResult& got) { good = got; });
  ASSERT_TRUE(until(both(), [&] { return good.has_value(); }));
  EXPECT_FALSE(*good) << words(*good);
  EXPECT_LT(vici_lab::now() - begin, 1s);
  ASSERT_TRUE(until(both(), [&] { return results.size() == 40; }, 60s));
  for (const auto& result : results) EXPECT_EQ(name(result->failure), "timeout") << words(result);
}

}  // namespace
