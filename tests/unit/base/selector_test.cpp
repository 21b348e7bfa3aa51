#include "base/selector.hpp"

#include <gtest/gtest.h>

namespace base_test {

using base::Flow;
using base::MaskedAddress;
using base::PortRange;
using base::Protocol;
using base::Selector;

MaskedAddress set(std::string_view text) {
  return MaskedAddress::parse(text).value_or(MaskedAddress{});
}

const Selector kWeb{Protocol::kTcp, set("10.1.0.0/16"), set("10.2.0.0/24"), {}, PortRange::only(443)};

TEST(Selector, MirrorSwapsSides) {
  EXPECT_EQ(kWeb.mirrored(),
            (Selector{Protocol::kTcp, set("10.2.0.0/24"), set("10.1.0.0/16"), PortRange::only(443), {}}));
  EXPECT_EQ(kWeb.mirrored().mirrored(), kWeb);
}

TEST(Selector, MirrorKeepsTypeAndCode) {
  const Selector echo{Protocol::kIcmp, set("10.1.0.0/16"), set("10.2.0.0/24"), PortRange::only(8), PortRange::only(0)};
  EXPECT_EQ(echo.mirrored().local_port, PortRange::only(8));
  EXPECT_EQ(echo.mirrored().remote_port, PortRange::only(0));
  EXPECT_EQ(echo.mirrored().local, echo.remote);
}

TEST(Selector, ContainsCoversAndOverlaps) {
  EXPECT_TRUE(kWeb.contains(*Flow::parse("tcp 10.1.0.5:4 > 10.2.0.7:443")));
  EXPECT_FALSE(kWeb.contains(*Flow::parse("udp 10.1.0.5:4 > 10.2.0.7:443")));
  EXPECT_FALSE(kWeb.contains(*Flow::parse("tcp 10.1.0.5:4 > 10.2.0.7:444")));
  EXPECT_FALSE(kWeb.contains(*Flow::parse("tcp 10.2.0.7:443 > 10.1.0.5:4")));
  Selector all = kWeb;
  all.protocol.reset();
  all.remote_port = {};
  EXPECT_TRUE(all.covers(kWeb) && all.overlaps(kWeb) && kWeb.overlaps(all));
  EXPECT_FALSE(kWeb.covers(all));
}

TEST(Selector, OfAFlowIsThatFlowAlone) {
  const auto flow = *Flow::parse("icmp 10.1.0.5:8 > 10.2.0.7:0");
  EXPECT_EQ(Selector::of(flow).text(), "icmp 10.1.0.5/32:8 > 10.2.0.7/32:0");
  EXPECT_EQ(Selector::of(*Flow::parse("gre 10.1.0.5 > 10.2.0.7")).text(), "gre 10.1.0.5/32 > 10.2.0.7/32");
  EXPECT_EQ(kWeb.text(), "tcp 10.1.0.0/16 > 10.2.0.0/24:443");
}

}  // namespace base_test
