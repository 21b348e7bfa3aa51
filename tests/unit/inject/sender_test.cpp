// Sends in namespaces of its own; skips by name without the right to make them.
#include "platform/inject/sender.hpp"

#include <map>

#include "../nft/kernel_fixture.hpp"

namespace nft_test {
namespace {

using inject::ErrorCode;

class Sender : public Kernel {
 protected:
  static std::optional<base::Bytes> next(support::Capture& capture) {
    auto packet = capture.next();
    while (packet && !is_ours(*packet)) packet = capture.next();
    return packet;
  }
  static ErrorCode refusal(inject::Sender& sender, const base::Bytes& packet) {
    const auto sent = sender.send(packet);
    EXPECT_FALSE(sent);
    return sent ? ErrorCode::kSystem : sent.error().code;
  }
};

TEST_F(Sender, ASpoofedProbeIsTakenOffTheWireByteForByte) {
  // The gateway is the far one: it intercepts. The outside host plays the near gateway, which sends for host 10.2.0.7.
  auto reader = open_reader(kProbeGroup);
  const nft::InterceptOptions wire{kProbeGroup, kResponseGroup, {"wan0"}, {}};
  load_text(nft::interception_ruleset(
      policy::Snapshot({rule("all", {"10.1.0.0/16", "fd00:1::/32"}, {"0.0.0.0/0", "::/0"})}), wire));
  const auto way = flow("udp 10.2.0.7:4000 > 10.1.0.2:500");
  const std::vector packets{
      support::packet_of(way, support::isakmp(240)),
      support::packet_of(way, support::isakmp(240, 0x10, 1200), {.identification = 1, .ttl = 3}),
      support::packet_of(way, support::isakmp(240), {.identification = 0, .fragment = 0x4000, .ttl = 255}),
      support::packet_of(flow("udp [fd00:9::7]:4000 > [fd00:1::2]:500"), support::isakmp(240))};
  EXPECT_TRUE(cross(false, packets).empty());
  EXPECT_EQ(read_packets(reader, packets.size()), packets);
  EXPECT_EQ(from_outside_->counters().sent, packets.size() + 3) << "with the markers and the first greeting";
}

TEST_F(Sender, AProbeThatIsNotOursTravelsOnAsItCame) {
  auto reader = open_reader(kProbeGroup);
  load_text(nft::interception_ruleset(policy::Snapshot({rule("all", {"10.1.0.0/16"}, {"0.0.0.0/0"})}),
                                      {kProbeGroup, kResponseGroup, {"wan0"}, {}}));
  auto block = rule("all", {"0.0.0.0/0"}, {"0.0.0.0/0"});
  block.action = policy::Action::kBlock;
  load(policy::Snapshot({block}));
  auto from_gateway = open_sender(path_.gateway);
  const auto probe = support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.0.2:500"), support::isakmp(240), {.ttl = 9});
  ASSERT_TRUE(from_outside_->send(probe));
  auto taken = read_packets(reader, 1);
  ASSERT_EQ(taken.size(), 1U);
  taken[0][8] = 8;  // what a router does; the kernel puts the header checksum right
  ASSERT_TRUE(from_gateway.send(taken[0])) << "the guard lets probes out";
  EXPECT_EQ(next(*at_inside_),
            support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.0.2:500"), support::isakmp(240), {.ttl = 8}));
}

TEST_F(Sender, SeveralGoInTheirOrderAndEachRefusalHasItsPlace) {
  auto block = rule("all", {"0.0.0.0/0"}, {"10.9.0.0/16"});
  block.action = policy::Action::kBlock;
  load(policy::Snapshot({block}));
  auto sender = open_sender(path_.gateway);
  std::vector<base::Bytes> packets;
  std::map<std::size_t, ErrorCode> expected;
  for (std::uint16_t i = 0; i < 40; ++i) {
    const auto to = [&](const char* text) {
      return support::packet_of(flow(text), kPayload, {.identification = static_cast<std::uint16_t>(i + 1)});
    };
    packets.push_back(to("udp 192.0.2.1:4000 > 10.2.0.7:53"));
    if (i % 5 == 1) packets.back() = support::packet_of(flow("udp [fd00:1::2]:4000 > [fd00:9::7]:53"), kPayload);
    if (i % 5 == 2) {
      packets.back() = {0x45};
      expected[i] = ErrorCode::kMalformed;
    }
    if (i % 7 == 3) {
      packets.back() = to("udp 192.0.2.1:4000 > 10.9.0.7:53");
      expected[i] = ErrorCode::kFiltered;
    }
  }
  std::map<std::size_t, ErrorCode> refused;
  const std::vector<base::ByteView> views(packets.begin(), packets.end());
  sender.send(views, [&](std::size_t which, const inject::Error& error) { refused[which] = error.code; });
  EXPECT_EQ(refused, expected);
  EXPECT_EQ(sender.counters().sent, packets.size() - expected.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (expected.contains(i)) continue;
    EXPECT_EQ(next(*at_outside_), packets[i]) << i;
  }
}

TEST_F(Sender, RefusalsHaveNamesAndAreCounted) {
  auto sender = open_sender(path_.gateway);
  const auto good = support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"), kPayload);
  auto longer = good;
  longer.push_back(0);
  EXPECT_EQ(refusal(sender, longer), ErrorCode::kMalformed);
  EXPECT_EQ(refusal(sender, {}), ErrorCode::kMalformed);
  EXPECT_EQ(refusal(sender, {0x45}), ErrorCode::kMalformed);
  auto short_header = good;
  short_header[0] = 0x44;
  EXPECT_EQ(refusal(sender, short_header), ErrorCode::kMalformed);
  const base::Bytes too_much(1600, 0);
  EXPECT_EQ(refusal(sender, support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"), too_much)),
            ErrorCode::kTooLong);
  auto block = rule("all", {"10.1.0.0/16"}, {"10.2.0.0/16"});
  block.action = policy::Action::kBlock;
  load(policy::Snapshot({block}));
  EXPECT_EQ(refusal(sender, good), ErrorCode::kFiltered) << "the guard's output chain";
  {
    const support::Inside there(path_.gateway);
    ASSERT_TRUE(support::ip("route del default"));
  }
  EXPECT_EQ(refusal(sender, good), ErrorCode::kNoRoute);
  EXPECT_EQ(sender.counters().failed[static_cast<std::size_t>(ErrorCode::kMalformed)], 4U);
  EXPECT_EQ(sender.counters().sent, 0U);
}

TEST_F(Sender, ItsOwnPolicyGoesBeforeTheMachines) {
  {
    const support::Inside there(path_.gateway);
    // A policy whose state does not exist: what it covers cannot leave. For IPsec, a packet from a raw socket comes
    // from the gateway's own address, whatever its header says, so only a policy for any source covers it.
    if (!support::ip("xfrm policy add src 0.0.0.0/0 dst 10.2.0.0/16 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto "
                     "esp mode tunnel")) {
      GTEST_SKIP() << "this kernel has no XFRM policies";
    }
  }
  const auto packet = support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"), kPayload);
  auto sender = open_sender(path_.gateway);
  ASSERT_TRUE(sender.send(packet));
  EXPECT_EQ(next(*at_outside_), packet);
  const support::Inside there(path_.gateway);
  auto subject = inject::Sender::open({.bypass_policy = false, .mark = 0, .device = {}}).value();
  // Some kernels say that it was dropped, others drop it silently.
  static_cast<void>(subject.send(packet));
  ASSERT_TRUE(sender.send(packet));
  EXPECT_EQ(next(*at_outside_), packet);
  EXPECT_TRUE(cross(true, {}).empty()) << "the one without a policy of its own must not leave in the clear";
}

TEST_F(Sender, AMarkRoutesAndADeviceBinds) {
  const support::Inside there(path_.gateway);
  load_text(
      "table inet marks { chain output { type filter hook output priority 0; policy accept; meta mark 42 drop\n}\n}");
  const auto packet = support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"), kPayload);
  auto marked = inject::Sender::open({.bypass_policy = true, .mark = 42, .device = {}}).value();
  EXPECT_EQ(refusal(marked, packet), ErrorCode::kFiltered);
  auto bound = inject::Sender::open({.bypass_policy = true, .mark = 0, .device = "wan0"}).value();
  EXPECT_TRUE(bound.send(packet));
  const auto nowhere = inject::Sender::open({.bypass_policy = true, .mark = 0, .device = "nowhere0"});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kNoDevice) << inject::text(nowhere.error());
}

}  // namespace
}  // namespace nft_test
