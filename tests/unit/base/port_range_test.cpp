#include "base/port_range.hpp"

#include <gtest/gtest.h>

#include "base/protocol.hpp"

namespace base_test {

using base::PortRange;
using base::Protocol;

TEST(PortRange, ReadsAndWrites) {
  EXPECT_EQ(PortRange::parse("443"), PortRange::only(443));
  EXPECT_EQ(PortRange::parse("80-80"), PortRange::only(80));
  EXPECT_EQ(PortRange::parse("any"), PortRange::any());
  EXPECT_EQ(PortRange::parse("0-65535")->text(), "any");
  EXPECT_EQ(PortRange::parse("1000-2000")->text(), "1000-2000");
  EXPECT_EQ(PortRange::parse("2000-1000").error().hint, "write \"1000-2000\"");
  for (const auto* text : {"", "-", "1-", "-1", "65536", "1-65536", "a", "1 - 2", "+1", "1-2-3", "ANY"}) {
    EXPECT_FALSE(PortRange::parse(text)) << text;
  }
}

TEST(PortRange, Intersects) {
  EXPECT_EQ((PortRange{1, 10}).intersect({5, 20}), (PortRange{5, 10}));
  EXPECT_EQ((PortRange{1, 10}).intersect({10, 20}), PortRange::only(10));
  EXPECT_FALSE((PortRange{1, 10}).intersect({11, 20}));
  EXPECT_TRUE(PortRange::any().covers({5, 20}));
  EXPECT_FALSE((PortRange{5, 19}).covers({5, 20}));
}

TEST(Protocol, HasNamesAndNumbers) {
  EXPECT_EQ(base::parse_protocol("tcp"), Protocol::kTcp);
  EXPECT_EQ(base::parse_protocol("icmpv6"), Protocol::kIpv6Icmp);
  EXPECT_EQ(base::parse_protocol("17"), Protocol::kUdp);
  EXPECT_EQ(base::text(Protocol::kIpv6Icmp), "ipv6-icmp");
  EXPECT_EQ(base::text(static_cast<Protocol>(99)), "99");
  for (const auto* text : {"", "256", "TCP", "-1", "tcp "}) EXPECT_FALSE(base::parse_protocol(text)) << text;
  EXPECT_TRUE(base::has_ports(Protocol::kSctp));
  EXPECT_FALSE(base::has_ports(Protocol::kIcmp));
}

}  // namespace base_test
