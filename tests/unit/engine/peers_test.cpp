// Peers are found, forgotten, and bounded: the one that was silent for longest makes room.
#include "engine/peers.hpp"

#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

namespace engine {
namespace {

base::Address peer(std::uint32_t number) {
  return base::Address::v4(0x0a000000 + number);
}

base::Instant at(std::uint32_t second) {
  return base::Instant{} + std::chrono::seconds(second);
}

TEST(Peers, KnowsWhomItHasSeenUntilTheyAreForgotten) {
  Counters counters;
  Peers peers(1, counters);
  peers.seen(peer(1), at(10)).failures = 7;
  peers.seen(peer(2), at(11));
  peers.seen(peer(1), at(12));
  ASSERT_NE(peers.find(peer(1)), nullptr);
  EXPECT_EQ(peers.find(peer(1))->failures, 7U);
  EXPECT_EQ(peers.find(peer(1))->first_seen, at(10));
  EXPECT_EQ(peers.find(peer(1))->last_seen, at(12));
  EXPECT_EQ(peers.find(peer(3)), nullptr);
  peers.forget(peer(1));
  peers.forget(peer(3));
  EXPECT_EQ(peers.find(peer(1)), nullptr);
  ASSERT_EQ(peers.all().size(), 1U);
  EXPECT_EQ(peers.all().front().first, peer(2));
}

TEST(Peers, TheOneSilentForLongestMakesRoom) {
  Counters counters;
  Peers peers(2, counters);
  for (std::uint32_t i = 0; i < kMaxPeers; ++i) peers.seen(peer(i), at(i));
  peers.seen(peer(0), at(kMaxPeers));
  peers.seen(peer(kMaxPeers), at(kMaxPeers + 1));
  EXPECT_EQ(peers.all().size(), kMaxPeers);
  EXPECT_NE(peers.find(peer(0)), nullptr);
  EXPECT_EQ(peers.find(peer(1)), nullptr);
  EXPECT_EQ(counters.value(Counter::kPeersForgotten), 1U);
  EXPECT_NE(peers.find(peer(2)), nullptr);
  EXPECT_NE(peers.find(peer(kMaxPeers)), nullptr);
}

// Who knows a discovery key can claim to be ever other gateways: nobody walks through all of them for each.
TEST(Peers, TheOneSilentForLongestStandsFirst) {
  Counters counters;
  Peers peers(3, counters);
  for (std::uint32_t i = 0; i < 4; ++i) peers.seen(peer(i), at(i));
  peers.seen(peer(0), at(4));
  peers.seen(peer(2), at(5));
  std::vector<base::Address> order;
  for (const auto& [address, one] : peers.all()) order.push_back(address);
  EXPECT_EQ(order, (std::vector{peer(1), peer(3), peer(0), peer(2)}));
}

}  // namespace
}  // namespace engine
