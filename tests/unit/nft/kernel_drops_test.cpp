// What the guard in this kernel says of what it dropped.
#include "kernel_fixture.hpp"
#include "platform/nft/drops.hpp"

namespace nft_test {
namespace {

using nft::Drop;

policy::Snapshot three_actions() {
  auto quarantine = rule("quarantine", {"10.1.0.0/16"}, {"10.3.0.0/16"});
  quarantine.action = policy::Action::kBlock;
  auto deaf = rule("deaf", {"10.1.0.0/16"}, {"10.4.0.0/16"});
  deaf.discover = false;
  return policy::Snapshot({quarantine, deaf, rule("site", {"10.1.0.0/16"}, {"10.2.0.0/16"})});
}

class Drops : public Kernel {
 protected:
  [[nodiscard]] std::uint64_t count(Drop drop) const {
    const auto counts = nft::drop_counts(client_->link());
    EXPECT_TRUE(counts) << counts.error().message;
    return counts->at(static_cast<std::size_t>(drop));
  }
  void meet_each_reason() {
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:53")));
    for (const char* there : {"udp 10.1.0.2:4000 > 10.3.0.7:53", "tcp 10.1.0.2:4000 > 10.4.0.7:80"}) {
      EXPECT_FALSE(passes(flow(there)));
    }
    EXPECT_FALSE(passes(flow("udp 10.2.0.7:53 > 10.1.0.2:4000"), false));
    const auto quoted = support::packet_of(flow("udp 10.2.0.7:53 > 10.1.0.2:4000"), kPayload);
    EXPECT_TRUE(cross(true, {error_packet(flow("udp 10.2.0.7:53 > 10.1.0.2:4000"), quoted)}).empty());
    EXPECT_EQ(count(Drop::kNoTunnel), 3U);
    EXPECT_EQ(count(Drop::kBlocked), 2U);
    EXPECT_EQ(count(Drop::kRefused), 1U);
    EXPECT_EQ(count(Drop::kQuoted), 1U);
    for (const Drop none : {Drop::kTranslated, Drop::kFragment, Drop::kReleased, Drop::kMissed}) {
      EXPECT_EQ(count(none), 0U) << nft::name_of(none);
    }
  }
};

TEST_F(Drops, AreCountedByWhy) {
  load(three_actions());
  meet_each_reason();
}

TEST_F(Drops, OfAPlanAreCountedByWhy) {
  load_planned(three_actions(), 0);
  meet_each_reason();
}

TEST_F(Drops, StayCountedWhenTheGuardIsReplaced) {
  load(three_actions());
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:53")));
  load_planned(three_actions(), 0);
  EXPECT_EQ(count(Drop::kNoTunnel), 1U);
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4001 > 10.2.0.7:54")));
  EXPECT_EQ(count(Drop::kNoTunnel), 2U);
}

TEST_F(Drops, OfNoGuardAreNone) {
  EXPECT_EQ(count(Drop::kNoTunnel), 0U);
  load(three_actions());
  ASSERT_TRUE(client_->delete_guard());
  EXPECT_EQ(count(Drop::kNoTunnel), 0U);
}

TEST_F(Drops, OfAFragmentAreItsOwn) {
  auto dns = rule("dns", {"10.1.0.0/16"}, {"10.2.0.0/16"});
  dns.protocol = base::Protocol::kUdp;
  dns.remote_port = base::PortRange::only(53);
  auto without = options();
  without.reassemble = false;
  put(policy::Snapshot({dns}), without, nullptr, {});
  const auto from = address("10.1.0.2");
  const base::Bytes part(16, 0x55);
  EXPECT_TRUE(
      cross(true, {support::ip_packet(from, address("10.2.0.7"), base::Protocol::kUdp, part, {7, 125})}).empty());
  EXPECT_EQ(count(Drop::kFragment), 1U);
}

}  // namespace
}  // namespace nft_test
