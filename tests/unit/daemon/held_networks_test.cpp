// A network that closes something is there at once and goes slowly; one that opens something the other way round.
#include "daemon/held_networks.hpp"

#include <array>
#include <gtest/gtest.h>

namespace tedd_test {
namespace {

using base::Prefix;
using tedd::HeldNetworks;

constexpr base::Instant kStart{std::chrono::hours(1)};
constexpr base::Duration kMoment = std::chrono::seconds(1);

class Held : public testing::Test {
 protected:
  void see(std::initializer_list<const char*> networks, base::Instant now, bool up = true) {
    rtnl::Interface lan0{up, {}};
    for (const char* text : networks) lan0.networks.push_back(Prefix::parse(text).value());
    held_.observe({{"lan0", lan0}}, now);
  }
  static std::string text(const std::vector<Prefix>& networks) {
    std::string all;
    for (const Prefix& one : networks) all += (all.empty() ? "" : " ") + one.text();
    return all;
  }
  std::string held() { return text(held_.networks().at("lan0").held); }
  std::string present() { return text(held_.networks().at("lan0").present); }

  HeldNetworks held_{std::array<std::string, 1>{"lan0"}};
};

TEST_F(Held, WhatComesCountsAtOnce) {
  EXPECT_EQ(held(), "");
  see({"10.1.0.0/24", "10.5.0.0/16"}, kStart);
  EXPECT_EQ(held(), "10.1.0.0/24 10.5.0.0/16");
  EXPECT_EQ(present(), held());
  EXPECT_FALSE(held_.next_deadline());
}

TEST_F(Held, WhatGoesIsHeldForAWhileWhereItCloses) {
  see({"10.1.0.0/24", "10.5.0.0/16"}, kStart);
  see({"10.1.0.0/24"}, kStart + kMoment);
  EXPECT_EQ(held(), "10.1.0.0/24 10.5.0.0/16");
  EXPECT_EQ(present(), "10.1.0.0/24") << "what lets pass ends at once";
  EXPECT_EQ(held_.next_deadline(), kStart + kMoment + HeldNetworks::kHold);
  see({"10.1.0.0/24"}, kStart + 2 * kMoment);
  EXPECT_EQ(held_.next_deadline(), kStart + kMoment + HeldNetworks::kHold) << "from when it went";
  held_.expire(*held_.next_deadline() - base::Duration(1));
  EXPECT_EQ(held(), "10.1.0.0/24 10.5.0.0/16");
  held_.expire(*held_.next_deadline());
  EXPECT_EQ(held(), "10.1.0.0/24");
  EXPECT_FALSE(held_.next_deadline());
}

TEST_F(Held, AFlapChangesNothing) {
  see({"10.1.0.0/24", "10.5.0.0/16"}, kStart);
  const auto before = held_.networks();
  see({"10.1.0.0/24"}, kStart + kMoment);
  see({"10.1.0.0/24", "10.5.0.0/16"}, kStart + 2 * kMoment);
  EXPECT_EQ(held_.networks(), before);
  EXPECT_FALSE(held_.next_deadline());
}

TEST_F(Held, AnInterfaceThatIsGoneKeepsItsNetworksUntilItHasSomeAgain) {
  see({"10.1.0.0/24"}, kStart);
  held_.observe({}, kStart + kMoment);
  EXPECT_EQ(held(), "10.1.0.0/24");
  EXPECT_EQ(present(), "");
  EXPECT_EQ(held_.lost(), std::vector<std::string>{"lan0"});
  held_.expire(kStart + 1000 * HeldNetworks::kHold);
  EXPECT_EQ(held(), "10.1.0.0/24");
  see({"10.2.0.0/24"}, kStart + 2000 * HeldNetworks::kHold);
  EXPECT_EQ(held(), "10.2.0.0/24 10.1.0.0/24") << "other ones: the old go slowly";
  EXPECT_TRUE(held_.lost().empty());
  held_.expire(kStart + 2001 * HeldNetworks::kHold);
  EXPECT_EQ(held(), "10.2.0.0/24");
}

TEST_F(Held, AnInterfaceThatGoesDownStopsTheClock) {
  see({"10.1.0.0/24", "10.5.0.0/16"}, kStart);
  see({"10.1.0.0/24"}, kStart + kMoment);
  see({"10.1.0.0/24"}, kStart + 2 * kMoment, false);
  EXPECT_FALSE(held_.next_deadline()) << "routes may have gone ahead of their interface";
  EXPECT_EQ(held(), "10.1.0.0/24 10.5.0.0/16");
  EXPECT_EQ(present(), "");
}

TEST_F(Held, WhatIsKnownOfAnInterfaceThatWasNeverUpCloses) {
  see({"10.1.0.0/24"}, kStart, false);
  EXPECT_EQ(held(), "10.1.0.0/24");
  EXPECT_EQ(present(), "");
}

// An interface whose routes are all other ones each time: what it lost is bounded, what it has is not touched by that.
TEST_F(Held, WhatIsRecalledClosesUntilTheInterfaceHasNetworksAndAWhileLonger) {
  held_.recall({{"lan0", {{}, {Prefix::parse("10.1.0.0/24").value(), Prefix::parse("10.5.0.0/16").value()}}},
                {"other", {{}, {Prefix::parse("10.9.0.0/16").value()}}}});
  see({}, kStart, false);
  held_.expire(kStart + 2 * HeldNetworks::kHold);
  EXPECT_EQ(held(), "10.1.0.0/24 10.5.0.0/16");
  EXPECT_EQ(present(), "");
  see({"10.1.0.0/24"}, kStart + kMoment);
  EXPECT_EQ(held(), "10.1.0.0/24 10.5.0.0/16");
  EXPECT_EQ(present(), "10.1.0.0/24");
  held_.expire(kStart + kMoment + HeldNetworks::kHold);
  EXPECT_EQ(held(), "10.1.0.0/24");
  EXPECT_EQ(held_.names(), std::vector<std::string>{"lan0"});
}

TEST_F(Held, NoMoreIsHeldThanARuleCouldStandFor) {
  const auto see_many = [this](std::uint32_t first, base::Instant now) {
    rtnl::Interface lan0{true, {}};
    for (std::uint32_t i = 0; i < rtnl::kMaxNetworks; ++i) lan0.networks.emplace_back(base::Address::v4(first + i), 32);
    held_.observe({{"lan0", lan0}}, now);
  };
  for (std::uint32_t round = 0; round < 3; ++round) see_many(0x0a000000U + round * 0x100000U, kStart + round * kMoment);
  const auto networks = held_.networks().at("lan0");
  EXPECT_EQ(networks.present.size(), rtnl::kMaxNetworks);
  EXPECT_EQ(networks.held.size(), 2 * rtnl::kMaxNetworks);
  held_.expire(kStart + kMoment + HeldNetworks::kHold);
  EXPECT_EQ(held_.networks().at("lan0").held.size(), rtnl::kMaxNetworks);
}

TEST_F(Held, TheDifferenceIsTold) {
  see({"10.1.0.0/24"}, kStart);
  const auto before = held_.networks();
  EXPECT_EQ(tedd::difference(before, before), "");
  see({"10.1.0.0/24", "10.5.0.0/16"}, kStart);
  EXPECT_EQ(tedd::difference(before, held_.networks()), "lan0: 10.5.0.0/16 came");
  EXPECT_EQ(tedd::difference(held_.networks(), before), "lan0: 10.5.0.0/16 went");
}

}  // namespace
}  // namespace tedd_test
