// Whose signatures are checked when there are more than there is time for.
#include "daemon/signature_budget.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tedd {
namespace {

using enum SignatureBudget::Verdict;
using std::chrono::seconds;

constexpr base::Instant kStart{};

engine::Sender shown(const std::string& gateway) {
  return {base::Address::parse(gateway).value(), engine::Sender::Reach::kShown};
}

class SignatureBudgetTest : public ::testing::Test {
 protected:
  /// How many of so many signatures of new chains are checked, each of which then does not hold.
  std::size_t failing(const engine::Sender& sender, int times, base::Instant now) {
    std::size_t checked = 0;
    for (int i = 0; i < times; ++i) {
      if (budget_.take(sender, false, nullptr, now) != kCheck) continue;
      ++checked;
      budget_.on_failed(sender, false, now);
    }
    return checked;
  }
  /// Nothing is left of what those have who have shown nothing.
  void use_up_strangers(base::Instant now) {
    while (budget_.take({}, false, nullptr, now) == kCheck) {
    }
  }

  SignatureBudget budget_;
};

TEST_F(SignatureBudgetTest, WhoseProofDoesNotHoldWaitsAndOthersDoNot) {
  use_up_strangers(kStart);
  EXPECT_EQ(failing(shown("192.0.2.66"), 50, kStart), 1U);
  EXPECT_EQ(budget_.take(shown("192.0.2.1"), false, nullptr, kStart), kCheck);
}

TEST_F(SignatureBudgetTest, WhatWasPutRightIsSeenSoon) {
  EXPECT_GE(failing(shown("192.0.2.66"), 50, kStart), 1U);
  use_up_strangers(kStart + seconds(9));
  EXPECT_EQ(budget_.take(shown("192.0.2.66"), false, nullptr, kStart + seconds(9)), kNone);
  EXPECT_EQ(budget_.take(shown("192.0.2.66"), false, nullptr, kStart + seconds(11)), kCheck);
}

// Each has shown to receive where it is, and fails each second for a minute: honest ones have nearly all of it still.
TEST_F(SignatureBudgetTest, ManyWhoFailLeaveMostToTheOthers) {
  std::size_t honest = 0;
  for (int second = 0; second < 60; ++second) {
    const base::Instant now = kStart + seconds(second);
    use_up_strangers(now);
    for (int i = 0; i < 150; ++i) (void)failing(shown(fmt::format("198.51.100.{}", i)), 3, now);
    use_up_strangers(now);
    honest += budget_.take(shown(fmt::format("192.0.2.{}", second + 1)), false, nullptr, now) == kCheck ? 1U : 0U;
  }
  EXPECT_GE(honest, 50U);
}

TEST_F(SignatureBudgetTest, NetworksOfOneSiteShareWhatItHas) {
  use_up_strangers(kStart);
  std::size_t checked = 0;
  for (int i = 0; i < 1'000; ++i) checked += failing(shown(fmt::format("2001:db8:0:{:x}::1", i)), 1, kStart);
  EXPECT_EQ(checked, 1U);
  EXPECT_EQ(budget_.take(shown("2001:db8:1::1"), false, nullptr, kStart), kCheck) << "another site";
}

// A hoster gives the networks of one site to many.
TEST_F(SignatureBudgetTest, OneNetworkThatFailsLeavesItsNeighboursMost) {
  std::size_t honest = 0;
  for (int second = 0; second < 60; ++second) {
    const base::Instant now = kStart + seconds(second);
    (void)failing(shown("2001:db8:0:66::1"), 3, now);
    use_up_strangers(now);
    const base::Instant later = now + std::chrono::milliseconds(500);
    use_up_strangers(later);
    honest += budget_.take(shown("2001:db8:0:1::1"), false, nullptr, later) == kCheck ? 1U : 0U;
  }
  EXPECT_GE(honest, 55U);
}

TEST_F(SignatureBudgetTest, WhoKnowsTheKeyOwesNothing) {
  const engine::Sender sender = shown("192.0.2.1");
  budget_.on_failed(sender, true, kStart);
  use_up_strangers(kStart);
  EXPECT_EQ(budget_.take(sender, false, nullptr, kStart), kCheck);
}

// Anybody can put another's address into a datagram.
TEST_F(SignatureBudgetTest, WhoHasShownNothingCostsTheAddressThatItClaimsNothing) {
  const engine::Sender claimed{shown("192.0.2.1").gateway, engine::Sender::Reach::kCanBeAsked};
  budget_.on_failed(claimed, false, kStart);
  use_up_strangers(kStart);
  EXPECT_EQ(budget_.take(shown("192.0.2.1"), false, nullptr, kStart), kCheck);
}

TEST_F(SignatureBudgetTest, WhoMakesRoomIsCounted) {
  for (std::uint32_t i = 0; i < kMaxSenders + 7; ++i) {
    const engine::Sender sender{base::Address::v4(0xc6120000 + i), engine::Sender::Reach::kShown};
    static_cast<void>(budget_.take(sender, false, nullptr, kStart + seconds(i)));
  }
  EXPECT_EQ(budget_.forgotten(), 7U);
}

}  // namespace
}  // namespace tedd
