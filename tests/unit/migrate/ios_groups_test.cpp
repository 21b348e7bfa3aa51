// Object groups of IOS, and lines of access lists that use them.
#include "migrate/ios_groups.hpp"

#include <gtest/gtest.h>

#include "migrate/ios.hpp"
#include "migrate/ios_line.hpp"
#include "migrate/words.hpp"
#include "unit/migrate/shown.hpp"

namespace migrate {
namespace {

using Lines = std::vector<std::string>;

std::string networks(ObjectGroups groups, std::string_view name) {
  const auto found = groups.networks(name);
  if (!found) return "no: " + found.error();
  std::string all;
  for (const auto& one : **found) all += (all.empty() ? "" : " ") + one.text();
  return all;
}

/// A line of an access list with that service, its boxes one behind the other.
std::string services(ObjectGroups groups, std::string_view name) {
  const auto line = parse_access_line(words_of("permit object-group " + std::string(name) + " any any"), groups);
  if (!line) return "no: " + line.error();
  std::string all;
  for (std::size_t i = 0; i < line->size(); ++i) {
    const auto box = line->box(i);
    all += (all.empty() ? "" : " ") + (box.protocol ? base::text(*box.protocol) : std::string("any")) + ":" +
           box.local_port.text() + ">" + box.remote_port.text();
  }
  return all;
}

TEST(ObjectGroups, EveryFormOfANetwork) {
  const ObjectGroups groups(
      "object-group network N\n description of the site\n host 10.1.0.9\n 10.2.0.0 255.255.0.0\n 10.3.0.0 /24\n range "
      "10.4.0.1 10.4.0.6\n!\nip access-list extended L\n permit ip any any\n");
  EXPECT_EQ(networks(groups, "N"),
            "10.1.0.9/32 10.2.0.0/16 10.3.0.0/24 10.4.0.1/32 10.4.0.2/31 10.4.0.4/31 10.4.0.6/32");
  EXPECT_EQ(networks(ObjectGroups("object-group network N\n any\n"), "N"), "0.0.0.0/0");
  EXPECT_TRUE(groups.findings("N").empty());
}

TEST(ObjectGroups, EveryFormOfAService) {
  const ObjectGroups groups(
      "object-group service S\n description of the site\n esp\n 89\n tcp eq www\n tcp 8080\n udp source range 1 2 gt "
      "65533\n tcp source 7\n tcp-udp eq domain\n icmp echo\n icmp 3 4\n ahp\n");
  EXPECT_EQ(services(groups, "S"),
            "esp:any>any 89:any>any tcp:any>80 tcp:any>8080 udp:1-2>65534-65535 tcp:7>any tcp:any>53 udp:any>53 "
            "icmp:8>any icmp:3>4 ah:any>any");
  EXPECT_EQ(services(ObjectGroups("object-group service S\n ip\n"), "S"), "any:any>any");
  EXPECT_TRUE(groups.findings("S").empty());
}

TEST(ObjectGroups, GroupsInsideGroupsWhereverTheyStand) {
  const std::string text =
      "object-group network ALL\n group-object NORTH\n host 10.9.0.1\n group-object SOUTH\nobject-group network "
      "SOUTH\n "
      "10.2.0.0 255.255.0.0\nobject-group network NORTH\n 10.1.0.0 255.255.0.0\nobject-group service S\n group-object "
      "T\nobject-group service T\n udp eq 53\nobject-group network SOUTH\n host 10.8.0.1\n";
  EXPECT_EQ(networks(ObjectGroups(text), "ALL"), "10.1.0.0/16 10.9.0.1/32 10.2.0.0/16 10.8.0.1/32");
  EXPECT_EQ(services(ObjectGroups(text), "S"), "udp:any>53");
  EXPECT_EQ(networks(ObjectGroups(text), "S"), "no: the file has no object group 'S' of this kind");
  EXPECT_EQ(services(ObjectGroups(text), "NORTH"), "no: the file has no object group 'NORTH' of this kind");
}

TEST(ObjectGroups, EveryBoundHolds) {
  const ObjectGroups round(
      "object-group network A\n group-object B\nobject-group network B\n group-object A\n host 10.0.0.1\n");
  EXPECT_EQ(networks(round, "A"), "no: object group 'A' is inside itself");
  EXPECT_EQ(networks(ObjectGroups("object-group network A\n"), "A"),
            "no: object group 'A' has no member that is known here");

  std::string chain = "object-group network G0\n host 10.0.0.1\n";
  std::string doubled = chain;
  for (int i = 1; i <= 60; ++i) {
    const std::string head = "object-group network G" + std::to_string(i) + "\n";
    const std::string member = " group-object G" + std::to_string(i - 1) + "\n";
    chain += head + member;
    doubled += head + member + member;
  }
  EXPECT_EQ(networks(ObjectGroups(chain), "G31"), "10.0.0.1/32");
  EXPECT_TRUE(networks(ObjectGroups(chain), "G32").ends_with("is more than 32 groups deep"));
  EXPECT_TRUE(networks(ObjectGroups(doubled), "G20").ends_with("has more than 16384 members"));

  std::string many = "object-group network BIG\n";
  for (int i = 0; i < 16'000; ++i)
    many += " host 10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + "\n";
  for (int i = 0; i < 70; ++i) many += "object-group network G" + std::to_string(i) + "\n group-object BIG\n";
  ObjectGroups groups(many);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(groups.networks("G" + std::to_string(i)));
  for (int i = 50; i < 69; ++i) (void)groups.networks("G" + std::to_string(i)).has_value();
  EXPECT_EQ(groups.networks("G69").error(), "the file's object groups have more than 1000000 members");
  const auto wide = parse_access_line(words_of("permit ip object-group G1 object-group G2"), groups);
  EXPECT_EQ(wide.error(), "its object groups are 16000 and 16000 networks: a rule has at most 65536 pairs of them");
}

TEST(ObjectGroups, LinesThatUseThem) {
  const std::string text =
      "object-group network HERE\n 10.1.0.0 255.255.0.0\n 10.5.0.0 255.255.0.0\nobject-group network THERE\n host "
      "10.2.0.1\n group-object FAR\nobject-group network FAR\n 10.3.0.0 255.255.0.0\nobject-group service WEB\n tcp eq "
      "www\n udp eq 443\nip access-list extended L\n deny tcp object-group HERE any eq telnet\n permit object-group "
      "WEB "
      "object-group HERE object-group THERE log\n permit ip host 10.1.0.9 object-group FAR\n"
      "crypto map M 1 ipsec-isakmp\n match address L\n";
  const auto imported = import_ios(text);
  EXPECT_EQ(rules_of(imported), (Lines{"L-10: bypass tcp 10.1.0.0/16 10.5.0.0/16 > 0.0.0.0/0 port 23",
                                       "L-20: protect tcp 10.1.0.0/16 10.5.0.0/16 > 10.2.0.1/32 10.3.0.0/16 port 80",
                                       "L-20.2: protect udp 10.1.0.0/16 10.5.0.0/16 > 10.2.0.1/32 10.3.0.0/16 port 443",
                                       "L-30: protect any 10.1.0.9/32 > 10.3.0.0/16"}));
  EXPECT_EQ(lost_of(imported), Lines{});
}

TEST(ObjectGroups, WhatCannotBeCarriedOverIsListedWithItsLine) {
  const std::string groups =
      "object-group network N\n host nas.example\n 10.1.0.0 255.255.0.0\n group-object MORE\nobject-group network "
      "MORE\n host 10.1.0.1 extra\n host 10.7.0.1\nobject-group service S\n tcp eq nothing\nobject-group network "
      "UNUSED\n "
      "host nobody\n";
  const std::string map = "crypto map M 1 ipsec-isakmp\n match address L\n";
  const auto imported = import_ios(groups +
                                   "ip access-list extended L\n permit ip object-group N any\n permit object-group S "
                                   "any any\n permit object-group WHAT any any\n permit tcp object-group S any\n" +
                                   map);
  EXPECT_EQ(rules_of(imported), Lines{"L-10: protect any 10.1.0.0/16 10.7.0.1/32 > 0.0.0.0/0"});
  EXPECT_EQ(lost_of(imported), (Lines{"2: host nas.example", "6: host 10.1.0.1 extra", "9: tcp eq nothing",
                                      "14: permit object-group S any any", "15: permit object-group WHAT any any",
                                      "16: permit tcp object-group S any"}));
  EXPECT_EQ(imported.findings.front().reason,
            "of object group 'N': 'nas.example' is no IPv4 address that is known here");
}

TEST(ObjectGroups, PastedWithoutTheirBlanks) {
  const std::string text =
      "object-group network N\r\nhost 10.1.0.1\r\n10.2.0.0 255.255.0.0\r\nobject-group service S\r\ntcp eq 80\r\n"
      "interface e0\r\nip address 192.0.2.7 255.255.255.0\r\n";
  EXPECT_EQ(networks(ObjectGroups(text), "N"), "10.1.0.1/32 10.2.0.0/16");
  EXPECT_EQ(services(ObjectGroups(text), "S"), "tcp:any>80");
}

}  // namespace
}  // namespace migrate
