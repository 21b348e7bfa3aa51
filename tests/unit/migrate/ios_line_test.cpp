// Single lines of IOS access lists.
#include "migrate/ios_line.hpp"

#include <gtest/gtest.h>

#include "migrate/words.hpp"

namespace migrate {
namespace {

/// Its boxes, one behind the other; or why there are none.
std::string read(std::string_view text) {
  ObjectGroups none;
  const auto line = parse_access_line(words_of(text), none);
  if (!line) return "no: " + line.error();
  std::string all = line->permit ? "permit" : "deny";
  for (std::size_t i = 0; i < line->size(); ++i) all += "; " + line->box(i).text();
  return all;
}

TEST(IosLine, Addresses) {
  EXPECT_EQ(read("permit ip any any"), "permit; any 0.0.0.0/0 > 0.0.0.0/0");
  EXPECT_EQ(read("deny ip host 10.1.2.3 10.2.0.0 0.0.255.255"), "deny; any 10.1.2.3/32 > 10.2.0.0/16");
  EXPECT_EQ(read("permit ip 10.1.9.9 0.0.255.255 any"),
            "permit; any 10.1.0.0/16 > 0.0.0.0/0");  // host bits mean nothing
  EXPECT_EQ(read("permit ip 10.1.0.0 0.0.254.255 any"), "permit; any 10.1.0.0/255.255.1.0 > 0.0.0.0/0");
  EXPECT_EQ(read("permit ip 0.0.0.0 255.255.255.255 any"), "permit; any 0.0.0.0/0 > 0.0.0.0/0");
}

TEST(IosLine, ProtocolsAndPorts) {
  EXPECT_EQ(read("permit gre any any"), "permit; gre 0.0.0.0/0 > 0.0.0.0/0");
  EXPECT_EQ(read("permit 89 any any"), "permit; 89 0.0.0.0/0 > 0.0.0.0/0");
  EXPECT_EQ(read("permit ospf any any"), read("permit 89 any any"));
  EXPECT_EQ(read("permit tcp any any eq www"), "permit; tcp 0.0.0.0/0 > 0.0.0.0/0:80");
  EXPECT_EQ(read("permit udp any eq 53 any"), "permit; udp 0.0.0.0/0:53 > 0.0.0.0/0");
  EXPECT_EQ(read("permit tcp any range 20 21 any gt 1023"), "permit; tcp 0.0.0.0/0:20-21 > 0.0.0.0/0:1024-65535");
  EXPECT_EQ(read("permit tcp any any lt 1024"), "permit; tcp 0.0.0.0/0 > 0.0.0.0/0:0-1023");
  EXPECT_EQ(read("permit tcp any any neq 25"),
            "permit; tcp 0.0.0.0/0 > 0.0.0.0/0:0-24; tcp 0.0.0.0/0 > 0.0.0.0/0:26-65535");
  EXPECT_EQ(read("permit tcp any any neq 0"), "permit; tcp 0.0.0.0/0 > 0.0.0.0/0:1-65535");
  EXPECT_EQ(read("permit tcp any eq 1 2 host 10.0.0.1 eq 3"),
            "permit; tcp 0.0.0.0/0:1 > 10.0.0.1/32:3; tcp 0.0.0.0/0:2 > 10.0.0.1/32:3");
  EXPECT_EQ(read("permit tcp any any eq 514"), read("permit tcp any any eq cmd"));
  EXPECT_EQ(read("permit udp any any eq syslog"), "permit; udp 0.0.0.0/0 > 0.0.0.0/0:514");
  EXPECT_EQ(read("permit tcp any any gt 65535"), "no: its ports are none");
}

TEST(IosLine, IcmpTypesAndCodes) {
  const auto parts = [](std::string_view text) {
    ObjectGroups none;
    const auto line = parse_access_line(words_of(text), none).value();
    return line.box(0).local_port.text() + "/" + line.box(0).remote_port.text();
  };
  EXPECT_EQ(parts("permit icmp any any"), "any/any");
  EXPECT_EQ(parts("permit icmp any any echo"), "8/any");
  EXPECT_EQ(parts("permit icmp any any 3 4"), "3/4");
  EXPECT_EQ(parts("permit icmp any any packet-too-big"), "3/4");
  EXPECT_EQ(parts("permit icmp any any net-unreachable log"), "3/0");
  EXPECT_EQ(parts("permit icmp any any 11"), "11/any");
}

TEST(IosLine, LoggingChangesNothing) {
  EXPECT_EQ(read("permit ip any any log"), read("permit ip any any"));
  EXPECT_EQ(read("permit ip any any log-input TAG"), read("permit ip any any"));
}

TEST(IosLine, WhatARuleCannotSay) {
  EXPECT_EQ(read("permit tcp any any established"), "no: a rule cannot say 'established'");
  EXPECT_EQ(read("permit ip any any dscp ef"), "no: a rule cannot say 'dscp'");
  EXPECT_EQ(read("permit ip any any time-range WORK"), "no: a rule cannot say 'time-range'");
  EXPECT_EQ(read("permit ip any any log TAG more"), "no: a rule cannot say 'TAG'");
  EXPECT_EQ(read("permit ip object-group A any"), "no: the file has no object group 'A' of this kind");
  EXPECT_EQ(read("permit tcp any any eq gopherd"), "no: 'gopherd' is no port that is known here");
  EXPECT_EQ(read("permit tcp any any range 9 7"), "no: its range of ports is reversed");
  EXPECT_EQ(read("permit ip 10.0.0.0 any"), "no: 'any' is no IPv4 address that is known here");
  EXPECT_EQ(read("permit ip any fd00::1 ::"), "no: 'fd00::1' is no IPv4 address that is known here");
  EXPECT_EQ(read("permit ip any"), "no: it ends where IPv4 address should stand");
  EXPECT_EQ(read("permit"), "no: it ends where protocol should stand");
  EXPECT_EQ(read("permit frob any any"), "no: 'frob' is no protocol that is known here");
}

}  // namespace
}  // namespace migrate
