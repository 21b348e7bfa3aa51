// The routing rule of marked packets, in namespaces of its own; skips by name without the right to make them.
#include "platform/inject/mark_rule.hpp"

#include "../nft/kernel_fixture.hpp"
#include "platform/rtnl/rule_watch.hpp"

namespace nft_test {
namespace {

constexpr std::uint32_t kMark = 0x3ed;

class MarkRule : public Kernel {
 protected:
  inject::MarkRule install() {
    const support::Inside there(path_.gateway);
    return inject::MarkRule::install(inject::sent_with(kMark)).value();
  }
  inject::Sender marked_sender() {
    const support::Inside there(path_.gateway);
    return inject::Sender::open({.mark = kMark}).value();
  }
  bool gateway_ip(const char* words) {
    const support::Inside there(path_.gateway);
    return support::ip(words);
  }
  /// What strongSwan's userspace ESP does, but to a hole instead of its device.
  void swallow_the_inside() {
    ASSERT_TRUE(gateway_ip("rule add pref 220 lookup 220"));
    ASSERT_TRUE(gateway_ip("-6 rule add pref 220 lookup 220"));
    ASSERT_TRUE(gateway_ip("route add blackhole 10.1.0.0/16 table 220"));
    ASSERT_TRUE(gateway_ip("-6 route add blackhole fd00:1::/32 table 220"));
  }
  /// How many rules of this mark both families have.
  int count() {
    int rules = 0;
    for (const char* words : {"rule del fwmark 0x3ed", "-6 rule del fwmark 0x3ed"}) {
      while (gateway_ip(words)) ++rules;
    }
    return rules;
  }
  static base::Bytes packet(const char* way) { return support::packet_of(flow(way), kPayload); }
  const base::Bytes v4_ = packet("udp 10.2.0.7:4000 > 10.1.0.2:500");
  const base::Bytes v6_ = packet("udp [fd00:9::7]:4000 > [fd00:1::2]:500");
};

TEST_F(MarkRule, MarkedPacketsKeepToTheMainTable) {
  swallow_the_inside();
  auto sender = marked_sender();
  EXPECT_FALSE(sender.send(v4_)) << "into the hole";
  EXPECT_FALSE(sender.send(v6_));
  const auto rule = install();
  EXPECT_TRUE(sender.send(v4_));
  EXPECT_TRUE(sender.send(v6_));
  auto unmarked = open_sender(path_.gateway);
  EXPECT_FALSE(unmarked.send(v4_)) << "only ours are exempt";
}

TEST_F(MarkRule, OneBitOfAMarkIsEnough) {
  swallow_the_inside();
  const support::Inside there(path_.gateway);
  auto sender = inject::Sender::open({.mark = 0x40000005}).value();
  const auto rule = inject::MarkRule::install(inject::with_bit(0x40000000)).value();
  EXPECT_FALSE(sender.send(v4_)) << "nowhere to go on";
  {
    const auto landing = inject::MarkRule::install(inject::landing()).value();
    EXPECT_TRUE(sender.send(v4_));
    EXPECT_TRUE(sender.send(v6_));
    auto other = inject::Sender::open({.mark = 0x80000005}).value();
    EXPECT_FALSE(other.send(v4_)) << "which has other bits";
  }
  EXPECT_FALSE(sender.send(v4_)) << "it went with its owner";
}

TEST_F(MarkRule, RulesBehindAreHeard) {
  swallow_the_inside();
  const support::Inside there(path_.gateway);
  ASSERT_TRUE(gateway_ip("rule add pref 300 lookup 300"));
  ASSERT_TRUE(gateway_ip("-6 rule add pref 300 lookup 300"));
  ASSERT_TRUE(gateway_ip("route add prohibit 10.1.0.0/16 table 300"));
  ASSERT_TRUE(gateway_ip("-6 route add prohibit fd00:1::/32 table 300"));
  auto sender = inject::Sender::open({.mark = 0x40000005}).value();
  const auto told = [&](const base::Bytes& packet) { return sender.send(packet).error().system; };
  {
    const auto former = inject::MarkRule::install(inject::formerly_with_bit(0x40000000)).value();
    EXPECT_TRUE(sender.send(v4_)) << "past somebody else's rule";
    EXPECT_TRUE(sender.send(v6_));
  }
  const auto landing = inject::MarkRule::install(inject::landing()).value();
  const auto rule = inject::MarkRule::install(inject::with_bit(0x40000000)).value();
  EXPECT_EQ(told(v4_), EACCES) << "as that rule's table says";
  EXPECT_EQ(told(v6_), EACCES);
}

TEST_F(MarkRule, WhatIsLeftIsRemovedAndNothingElse) {
  const support::Inside there(path_.gateway);
  EXPECT_FALSE(inject::MarkRule::remove(inject::landing()).value()) << "there is none";
  ASSERT_TRUE(gateway_ip("-6 rule add pref 221 nop proto 84"));
  ASSERT_TRUE(gateway_ip("rule add pref 221 nop proto 4"));
  EXPECT_TRUE(inject::MarkRule::remove(inject::landing()).value());
  EXPECT_FALSE(inject::MarkRule::remove(inject::landing()).value());
  EXPECT_FALSE(gateway_ip("-6 rule del pref 221"));
  EXPECT_TRUE(gateway_ip("rule del pref 221")) << "somebody else's stays";
}

TEST_F(MarkRule, WhatOthersDeleteIsHeardOfAndPutBack) {
  const support::Inside there(path_.gateway);
  auto watch = rtnl::RuleWatch::open().value();
  auto rule = install();
  EXPECT_FALSE(watch.read()) << "a rule that comes is no loss";
  EXPECT_FALSE(rule.restore().value()) << "nothing is missing";
  ASSERT_TRUE(gateway_ip("-6 rule del pref 219"));
  EXPECT_TRUE(watch.read());
  EXPECT_FALSE(watch.read()) << "told once";
  EXPECT_TRUE(rule.restore().value());
  EXPECT_FALSE(rule.restore().value());
  EXPECT_EQ(count(), 2);
}

TEST_F(MarkRule, ItGoesWithItsOwner) {
  {
    const auto rule = install();
    EXPECT_TRUE(gateway_ip("rule add pref 300 fwmark 0x3ed lookup main"));
  }
  EXPECT_EQ(count(), 1) << "somebody else's stays";
}

TEST_F(MarkRule, WhatAKilledProcessLeftIsTakenOver) {
  ASSERT_TRUE(gateway_ip("rule add pref 219 fwmark 0x3ed lookup main proto 84"));
  {
    auto rule = install();
    rule.adopt_found();
  }
  EXPECT_EQ(count(), 0);
  auto first = install();
  const auto moved = std::move(first);
  EXPECT_EQ(count(), 2) << "one of each family, once";
}

TEST_F(MarkRule, WhatAnotherProcessLivesByStays) {
  const auto running = install();
  {
    const auto second = install();
  }
  EXPECT_EQ(count(), 2);
  ASSERT_TRUE(gateway_ip("rule add pref 219 fwmark 0x3ed lookup main proto 84"));
  {
    const auto second = install();
  }
  EXPECT_EQ(count(), 1) << "of IPv6 there was none, and that one went";
}

}  // namespace
}  // namespace nft_test
