// The tunnels with one peer are found in the order in which they came, whichever of them have gone.
#include "engine/peer_rings.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <gtest/gtest.h>
#include <vector>

#include "sim/random.hpp"

namespace engine {
namespace {

base::Address peer(std::uint32_t number) {
  return base::Address::v4(0xc0000200 + number);
}

std::vector<const Tunnel*> all_with(const PeerRings& rings, std::uint32_t number) {
  std::vector<const Tunnel*> all;
  rings.for_each(peer(number), [&all](const Tunnel& tunnel) { all.push_back(&tunnel); });
  return all;
}

TEST(PeerRings, KeepsTheOrderInWhichTunnelsCame) {
  static constexpr std::uint32_t kPeers = 5;
  sim::SeededRandom random(5);
  PeerRings rings;
  std::deque<Tunnel> tunnels;
  std::vector<std::vector<const Tunnel*>> model(kPeers);
  for (int step = 0; step < 5'000; ++step) {
    const auto which = static_cast<std::uint32_t>(random.jitter(kPeers));
    auto& those = model[which];
    if (!those.empty() && random.jitter(20) < 9) {
      const Tunnel* const gone = those[random.jitter(those.size())];
      rings.leave(*std::ranges::find_if(tunnels, [gone](const Tunnel& one) { return &one == gone; }));
      std::erase(those, gone);
    } else {
      tunnels.emplace_back().facts.peer = peer(which);
      rings.enter(tunnels.back());
      those.push_back(&tunnels.back());
    }
    ASSERT_EQ(all_with(rings, which), those);
  }
  EXPECT_TRUE(all_with(rings, kPeers).empty());
}

TEST(PeerRings, FindsTheOldestThatIsAskedFor) {
  PeerRings rings;
  std::deque<Tunnel> tunnels(4);
  for (Tunnel& tunnel : tunnels) rings.enter(tunnel);
  tunnels[2].is_ending = true;
  tunnels[3].is_ending = true;
  const base::Address nobody;
  EXPECT_EQ(rings.find(nobody, [](const Tunnel& one) { return one.is_ending; }), &tunnels[2]);
  EXPECT_EQ(rings.find(nobody, [](const Tunnel& one) { return !one.is_sample; }), nullptr);
}

// As many as there may be, the youngest first: a walk through the others for each would take minutes.
TEST(PeerRings, LetsAllTunnelsWithOnePeerGoAtOnce) {
  PeerRings rings;
  std::deque<Tunnel> tunnels(65'536);
  for (Tunnel& tunnel : tunnels) rings.enter(tunnel);
  for (std::size_t left = tunnels.size(); left > 1; --left) {
    rings.leave(tunnels[left - 1]);
    ASSERT_EQ(tunnels.front().previous_with_peer, &tunnels[left - 2]);
  }
  rings.leave(tunnels.front());
  EXPECT_EQ(rings.find(base::Address(), [](const Tunnel&) { return true; }), nullptr);
}

}  // namespace
}  // namespace engine
