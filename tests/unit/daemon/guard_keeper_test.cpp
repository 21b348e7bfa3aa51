// What the daemon does when its tables are taken away or refused, in a network namespace of its own; skips by name
// without the right to make one.
#include "daemon/guard_keeper.hpp"

#include <gtest/gtest.h>

#include "platform/nft/interception.hpp"
#include "platform/nft/safety_net.hpp"
#include "support/netns.hpp"

namespace {

using policy::Rule;
using policy::Snapshot;
using tedd::GuardKeeper;

constexpr base::Instant kNow{std::chrono::seconds(100)};
constexpr base::Instant kRetry = kNow + std::chrono::seconds(1);

base::MaskedAddress masked(const std::string& text) {
  return base::MaskedAddress::parse(text).value();
}

Snapshot policy_of(std::size_t entries) {
  Rule all;
  all.name = "all";
  all.local = {masked("10.1.0.0/16")};
  // Masks with a hole: a line of the guard for each.
  for (std::size_t i = 0; i < entries; ++i) {
    all.remote.push_back(masked("10." + std::to_string(i >> 8) + ".0." + std::to_string(i & 0xff) + "/255.255.0.255"));
  }
  return Snapshot({all});
}

class GuardKeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!space_.valid()) GTEST_SKIP() << "no right to make network namespaces";
    inside_.emplace(space_);
    gateway_.addresses = {base::Address::parse("192.0.2.1").value()};
    gateway_.interfaces = {"wan0"};
    ASSERT_TRUE(keeper_.watch());
    ASSERT_TRUE(keeper_.install(policy_));
  }
  /// Another process: our own transactions mean nothing to the keeper.
  static void others(const std::string& text) { ASSERT_TRUE(support::run({"nft", text})) << text; }
  /// Somebody who has the table for himself: nobody else can put another in its place.
  static nft::Client owner_of(const std::string& table) {
    auto client = nft::Client::open().value();
    EXPECT_TRUE(client.run("table inet " + table + " { flags owner; }"));
    return client;
  }
  void expect_calm() {
    const auto repairs = keeper_.repair(policy_, kNow);
    EXPECT_TRUE(repairs.done.empty());
    EXPECT_FALSE(repairs.guard || repairs.interception);
    EXPECT_FALSE(keeper_.retry_deadline());
  }

  support::Namespace space_ = support::Namespace::make();
  std::optional<support::Inside> inside_;
  config::Gateway gateway_;
  GuardKeeper keeper_{gateway_};
  Snapshot policy_ = policy_of(1);
};

TEST_F(GuardKeeperTest, ASafetyNetStandsAsLongAsTheGuardIsWanted) {
  const auto stands = [] { return nft::Client::open().value().exists(nft::kSafetyNetTable).value(); };
  EXPECT_TRUE(stands());
  others("flush ruleset");
  EXPECT_TRUE(stands());
  EXPECT_EQ(keeper_.repair(policy_, kNow).done.size(), 1U);
  EXPECT_TRUE(stands());
  ASSERT_TRUE(keeper_.release());
  EXPECT_FALSE(stands());
  ASSERT_TRUE(keeper_.install(policy_));
  EXPECT_TRUE(stands());
}

TEST_F(GuardKeeperTest, WhatCarriesAnInterfaceIsOutsideAsWell) {
  const auto listing = [] {
    auto client = nft::Client::open().value();
    return client.list(nft::kGuardTable).value() + client.list(nft::kInterceptionTable).value_or("");
  };
  EXPECT_FALSE(listing().contains("br0"));
  keeper_.set_carriers({"br0"});
  ASSERT_TRUE(keeper_.install(policy_));
  ASSERT_TRUE(keeper_.intercept(policy_, kNow));
  EXPECT_TRUE(listing().contains("iifname { \"br0\", \"wan0\" } oifname != { \"br0\", \"wan0\" } accept")) << listing();
  EXPECT_TRUE(listing().contains("iifname != { \"br0\", \"wan0\" } accept")) << listing();
}

TEST_F(GuardKeeperTest, AGuardThatIsRefusedIsTriedAgain) {
  others("delete table inet opented");
  {
    const auto owner = owner_of("opented");
    keeper_.set_tunnels({base::Selector::of(base::Flow::parse("tcp 10.1.0.2:4000 > 10.2.0.7:80").value())});
    EXPECT_FALSE(keeper_.apply(policy_, kNow));
    EXPECT_FALSE(keeper_.in_force());
    EXPECT_EQ(keeper_.retry_deadline(), kRetry);
    const auto repairs = keeper_.repair(policy_, kNow);
    EXPECT_TRUE(repairs.guard && repairs.guard->contains("the safety net drops"));
    EXPECT_EQ(keeper_.retry_deadline(), kRetry);
  }
  EXPECT_EQ(keeper_.repair(policy_, kRetry).done.size(), 1U);
  EXPECT_TRUE(keeper_.in_force());
  expect_calm();
}

TEST_F(GuardKeeperTest, AnInterceptionThatIsRefusedIsTriedAgain) {
  {
    const auto owner = owner_of("opented_wire");
    EXPECT_FALSE(keeper_.intercept(policy_, kNow));
    EXPECT_EQ(keeper_.retry_deadline(), kRetry);
    const auto repairs = keeper_.repair(policy_, kNow);
    EXPECT_TRUE(repairs.interception && !repairs.guard);
    EXPECT_EQ(keeper_.retry_deadline(), kRetry);
  }
  EXPECT_EQ(keeper_.repair(policy_, kRetry).done.size(), 1U);
  EXPECT_TRUE(keeper_.intercepts());
  expect_calm();
}

TEST_F(GuardKeeperTest, AGuardReplacedUnderItsNameIsPutBack) {
  others("delete table inet opented; table inet opented { }");
  EXPECT_EQ(keeper_.repair(policy_, kNow).done.size(), 1U);
  EXPECT_EQ(keeper_.repairs(), 1U);
  expect_calm();
  EXPECT_TRUE(nft::Client::open().value().list("inet opented").value().contains("all: protect"));
}

TEST_F(GuardKeeperTest, WhatOthersAddIsTakenOutAgain) {
  others("insert rule inet opented forward accept");
  EXPECT_EQ(keeper_.repair(policy_, kNow).done.size(), 1U);
  EXPECT_EQ(keeper_.repairs(), 1U);
  expect_calm();
  EXPECT_FALSE(nft::Client::open().value().list("inet opented").value().contains("\t\taccept\n"));
}

TEST_F(GuardKeeperTest, OurOwnTunnelsAndOpeningsAreNobodysAdditions) {
  keeper_.set_tunnels({base::Selector::of(base::Flow::parse("tcp 10.1.0.2:4000 > 10.2.0.7:80").value())});
  ASSERT_TRUE(keeper_.apply(policy_, kNow));
  keeper_.set_tunnels({});
  ASSERT_TRUE(keeper_.apply(policy_, kNow));
  ASSERT_TRUE(keeper_.intercept(policy_, kNow));
  expect_calm();
}

// Somebody who answers each of our repairs with the same again.
TEST_F(GuardKeeperTest, RepairsWithoutEndAreSpacedAndSaidSo) {
  int repaired = 0;
  for (; repaired < 100; ++repaired) {
    others("insert rule inet opented forward accept");
    if (keeper_.repair(policy_, kNow).done.empty()) break;
    EXPECT_TRUE(keeper_.in_force());
  }
  EXPECT_EQ(repaired, tedd::kRepairBurst);
  EXPECT_FALSE(keeper_.in_force()) << "what is not undone yet is not in force";
  const auto next = keeper_.retry_deadline();
  EXPECT_EQ(next, kNow + std::chrono::milliseconds(100));
  EXPECT_TRUE(keeper_.repair(policy_, kNow).done.empty()) << "too soon";
  EXPECT_EQ(keeper_.repair(policy_, next.value_or(kNow)).done.size(), 1U);
  EXPECT_TRUE(keeper_.in_force());
  expect_calm();
}

// Or its own replacement would be taken for somebody's, and replaced, for ever.
TEST_F(GuardKeeperTest, AGuardLargerThanTheWatchHoldsIsNoReasonToPutItBack) {
  policy_ = policy_of(60'000);
  auto other = nft::Watch::open().value();
  ASSERT_TRUE(keeper_.install(policy_));
  EXPECT_EQ(other.read().guard, nft::Change::kUnknown) << "the test's guard is too small";
  EXPECT_FALSE(keeper_.retry_deadline());
  expect_calm();
}

}  // namespace
