#include "platform/nft/match.hpp"

#include <gtest/gtest.h>

namespace nft {
namespace {

using Lines = std::vector<std::string>;

base::MaskedAddress masked(const char* text) {
  return base::MaskedAddress::parse(text).value();
}

policy::Rule rule(std::vector<const char*> local, std::vector<const char*> remote) {
  policy::Rule made;
  for (const char* text : local) made.local.push_back(masked(text));
  for (const char* text : remote) made.remote.push_back(masked(text));
  return made;
}

TEST(Match, PrefixesOfOneFamilyShareALine) {
  const auto both = rule({"10.1.0.0/16", "10.3.0.0/16", "fd00:1::/32"}, {"10.2.0.0/16", "fd00:9::/32"});
  EXPECT_EQ(matches(box_of(both), Direction::kOutbound),
            (Lines{"ip saddr { 10.1.0.0/16, 10.3.0.0/16 } ip daddr 10.2.0.0/16 ",
                   "ip6 saddr fd00:1::/32 ip6 daddr fd00:9::/32 "}));
  EXPECT_EQ(matches(box_of(both), Direction::kInbound),
            (Lines{"ip saddr 10.2.0.0/16 ip daddr { 10.1.0.0/16, 10.3.0.0/16 } ",
                   "ip6 saddr fd00:9::/32 ip6 daddr fd00:1::/32 "}));
}

TEST(Match, AMaskOfAnotherShapeHasALineOfItsOwn) {
  const auto mixed = rule({"10.1.0.0/16"}, {"10.2.0.0/16", "10.0.0.77/255.0.0.255"});
  EXPECT_EQ(matches(box_of(mixed), Direction::kOutbound),
            (Lines{"ip saddr 10.1.0.0/16 ip daddr & 255.0.0.255 == 10.0.0.77 ",
                   "ip saddr 10.1.0.0/16 ip daddr 10.2.0.0/16 "}));
}

TEST(Match, EveryAddressIsNoMatchButTheFamily) {
  EXPECT_EQ(matches(box_of(rule({"0.0.0.0/0", "::/0"}, {"0.0.0.0/0", "::/0"})), Direction::kOutbound),
            (Lines{"meta nfproto ipv4 ", "meta nfproto ipv6 "}));
  EXPECT_EQ(matches(box_of(rule({"10.1.0.0/16"}, {"10.2.0.0/16", "0.0.0.0/0"})), Direction::kOutbound),
            (Lines{"ip saddr 10.1.0.0/16 "}))
      << "the other entries are in it";
}

TEST(Match, WhatAnErrorQuotesIsReadBehindItsOwnHeader) {
  auto web = rule({"10.1.0.0/16", "10.3.0.1", "fd00:1::/32"}, {"10.0.0.77/255.0.0.255", "fd00:9::3"});
  web.protocol = base::Protocol::kTcp;
  web.local_port = {1000, 2000};
  web.remote_port = base::PortRange::only(443);
  EXPECT_EQ(
      matches(box_of(web), Direction::kQuoted),
      (Lines{"meta nfproto ipv4 @th,160,32 & 0xff0000ff == 0xa00004d @th,192,32 { 0xa010000-0xa01ffff, 0xa030001 } "
             "@th,136,8 6 @th,224,16 0x1bb @th,240,16 0x3e8-0x7d0 ",
             "meta nfproto ipv6 @th,128,128 0xfd000009000000000000000000000003 "
             "@th,256,128 0xfd000001000000000000000000000000-0xfd000001ffffffffffffffffffffffff "
             "@th,112,8 6 @th,384,16 0x1bb @th,400,16 0x3e8-0x7d0 "}));
  auto echo = rule({"0.0.0.0/0"}, {"0.0.0.0/0"});
  echo.protocol = base::Protocol::kIcmp;
  echo.local_port = base::PortRange::only(8);
  echo.remote_port = {0, 255};
  EXPECT_EQ(matches(box_of(echo), Direction::kQuoted), (Lines{"meta nfproto ipv4 @th,136,8 1 @th,224,8 0x8 "}));
  echo.local_port = base::PortRange::only(256);
  EXPECT_EQ(matches(box_of(echo), Direction::kQuoted), Lines{}) << "no packet";
}

TEST(Match, NoPairOfOneFamilyIsNoLine) {
  EXPECT_EQ(matches(box_of(rule({"10.1.0.0/16"}, {"fd00::/8"})), Direction::kOutbound), Lines{});
}

TEST(Match, PortsFollowTheirSide) {
  auto web = rule({"10.1.0.0/16"}, {"10.2.0.0/16"});
  web.protocol = base::Protocol::kSctp;
  web.local_port = {1000, 2000};
  web.remote_port = base::PortRange::only(443);
  EXPECT_EQ(matches(box_of(web), Direction::kOutbound),
            (Lines{"ip saddr 10.1.0.0/16 ip daddr 10.2.0.0/16 meta l4proto 132 th sport 1000-2000 th dport 443 "}));
  EXPECT_EQ(matches(box_of(web), Direction::kInbound),
            (Lines{"ip saddr 10.2.0.0/16 ip daddr 10.1.0.0/16 meta l4proto 132 th sport 443 th dport 1000-2000 "}));
  EXPECT_EQ(fragment_matches(box_of(web), Direction::kInbound),
            (Lines{"ip saddr 10.2.0.0/16 ip daddr 10.1.0.0/16 meta l4proto 132 ip frag-off & 0x1fff != 0 "}));
  web.local_port = web.remote_port = base::PortRange::any();
  EXPECT_EQ(fragment_matches(box_of(web), Direction::kInbound), Lines{}) << "the plain line has them";
}

TEST(Match, IcmpTypeAndCodeStay) {
  auto echo = rule({"10.1.0.0/16", "fd00:1::/32"}, {"0.0.0.0/0", "::/0"});
  echo.protocol = base::Protocol::kIcmp;
  echo.local_port = base::PortRange::only(8);
  echo.remote_port = base::PortRange::only(0);
  EXPECT_EQ(matches(box_of(echo), Direction::kInbound),
            (Lines{"ip daddr 10.1.0.0/16 meta l4proto 1 icmp type 8 icmp code 0 ",
                   "ip6 daddr fd00:1::/32 meta l4proto 1 @th,0,8 8 @th,8,8 0 "}))
      << "protocol 1 over IPv6 is odd, not impossible";
  echo.protocol = base::Protocol::kIpv6Icmp;
  echo.local_port = {128, 65535};
  echo.remote_port = {0, 255};
  EXPECT_EQ(matches(box_of(echo), Direction::kOutbound)[1],
            "ip6 saddr fd00:1::/32 meta l4proto 58 icmpv6 type 128-255 ");
  echo.remote_port = {256, 300};
  EXPECT_EQ(matches(box_of(echo), Direction::kOutbound), Lines{}) << "a code has one byte";
}

TEST(Match, QuotedTextCannotLeaveItsQuotes) {
  EXPECT_EQ(quote("branch-web.1_x"), "\"branch-web.1_x\"");
  EXPECT_EQ(quote("a\"; drop\n*\\$"), "\"a?? drop????\"");
  EXPECT_EQ(quote(std::string(300, 'x')).size(), 102U);
  EXPECT_EQ(interface_set(std::vector<std::string>{"wan0", "wan1"}), "{ \"wan0\", \"wan1\" }");
}

}  // namespace
}  // namespace nft
