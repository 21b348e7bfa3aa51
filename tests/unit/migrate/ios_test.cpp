// Whole IOS configurations, and random ones judged by what IOS does with a packet.
#include "migrate/ios.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

#include "migrate/ios_line.hpp"
#include "migrate/words.hpp"
#include "policy/snapshot.hpp"
#include "unit/migrate/shown.hpp"

namespace migrate {
namespace {

using Lines = std::vector<std::string>;

TEST(Ios, ABranchOfAMesh) {
  std::stringstream text;
  text << std::ifstream(OPENTED_TESTS_DIR "/unit/migrate/data/branch.ios").rdbuf();
  const Imported imported = import_ios(text.str());
  EXPECT_EQ(rules_of(imported),
            (Lines{"101-10: bypass any 10.3.0.0/16 > 172.16.0.9/32", "101-20: protect any 10.3.0.0/16 > 172.16.0.0/12",
                   "MESH-10: bypass udp 10.3.0.0/16 > 10.0.0.0/8 port 53",
                   "MESH-20: protect tcp 10.3.0.0/16 > 10.0.0.0/8 port 8000-8080",
                   "MESH-25: protect tcp 10.3.0.9/32 port 80 > 10.0.0.0/8 port 1024-65535",
                   "MESH-25.2: protect tcp 10.3.0.9/32 port 443 > 10.0.0.0/8 port 1024-65535",
                   "MESH-30: protect icmp 10.3.0.0/16 port 8 > 10.0.0.0/8",
                   "MESH-50: protect any 10.3.0.0/255.255.255.1 > 10.0.0.1/255.0.255.255"}));
  EXPECT_EQ(lost_of(imported), (Lines{"49: 40 permit tcp 10.3.0.0 0.0.255.255 10.0.0.0 0.255.255.255 established",
                                      "55: access-list 101 permit ip 10.3.0.0 0.0.255.255 object-group HQ"}));
  EXPECT_EQ(imported.addresses, Lines{"192.0.2.33"});
  EXPECT_EQ(imported.interfaces, Lines{"FastEthernet0/0"});
  EXPECT_EQ(imported.rules[0].rule.source_line, 53U);
  for (const Finding& one : imported.findings) EXPECT_EQ(one.text.find("S3cr3t"), std::string::npos) << one.text;
}

TEST(Ios, TransportModeIsNamed) {
  const auto imported =
      import_ios("crypto ipsec transform-set T esp-aes\n mode transport\ncrypto map M 1 ipsec-isakmp\n");
  EXPECT_TRUE(std::ranges::any_of(imported.findings, [](const Finding& one) {
    return one.line == 2 && one.text == "mode transport" && one.reason == "OpenTED makes tunnels only" && !one.lost;
  }));
}

const std::string kList = "ip access-list extended L\n permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255\n";

TEST(Ios, ADynamicMapAnswersOnlyUnlessItDiscovers) {
  const std::string map = "crypto dynamic-map D 1\n match address L\ncrypto map M 9 ipsec-isakmp dynamic D";
  EXPECT_EQ(rules_of(import_ios(kList + map + "\n")),
            Lines{"L-10: protect (answers only) any 10.1.0.0/16 > 10.2.0.0/16"});
  EXPECT_EQ(rules_of(import_ios(kList + map + " discover\n")), Lines{"L-10: protect any 10.1.0.0/16 > 10.2.0.0/16"});
}

TEST(Ios, LinesGoByTheirNumbers) {
  const std::string text =
      "ip access-list extended L\n 20 permit ip any host 10.0.0.2\n 10 deny ip any host 10.0.0.2\n permit ip any host "
      "10.0.0.3\ncrypto map M 1 ipsec-isakmp\n match address L\n";
  EXPECT_EQ(rules_of(import_ios(text)),
            (Lines{"L-10: bypass any 0.0.0.0/0 > 10.0.0.2/32", "L-20: protect any 0.0.0.0/0 > 10.0.0.2/32",
                   "L-20.2: protect any 0.0.0.0/0 > 10.0.0.3/32"}));
}

TEST(Ios, PastedWithoutItsBlanks) {
  const std::string text =
      "ip access-list extended L\npermit ip any host 10.0.0.2\r\nremark more\ncrypto map M 1 ipsec-isakmp\nset peer "
      "192.0.2.1\nmatch address L\ninterface e0\nip address 192.0.2.7 255.255.255.0\ncrypto map M\n";
  EXPECT_EQ(rules_of(import_ios(text)), Lines{"L-10: protect any 0.0.0.0/0 > 10.0.0.2/32"});
}

TEST(Ios, OnlyMapsThatAnInterfaceHas) {
  const std::string maps =
      kList + "crypto map M 1 ipsec-isakmp\n match address L\ncrypto map N 1 ipsec-isakmp\n match address L\n";
  EXPECT_EQ(import_ios(maps).rules.size(), 2U);
  EXPECT_EQ(import_ios(maps + "interface e0\n crypto map N\n").rules.size(), 1U);
  EXPECT_EQ(lost_of(import_ios(maps + "interface e0\n crypto map X\n")), Lines{"0: crypto map X"});
}

TEST(Ios, ADenialGoesOnToTheNextEntry) {
  const std::string text =
      "ip access-list extended A\n deny ip any 10.2.0.0 0.0.255.255\n permit ip any 10.0.0.0 0.255.255.255\n"
      "ip access-list extended B\n permit tcp any 10.2.3.0 0.0.0.255\n"
      "crypto map M 1 ipsec-isakmp\n match address A\ncrypto map M 2 ipsec-isakmp\n match address B\n";
  const Imported imported = import_ios(text);
  EXPECT_EQ(rules_of(imported),
            (Lines{"B-10: protect tcp 0.0.0.0/0 > 10.2.3.0/24", "A-10: bypass any 0.0.0.0/0 > 10.2.0.0/16",
                   "A-20: protect any 0.0.0.0/0 > 10.0.0.0/8", "B-10.2: protect tcp 0.0.0.0/0 > 10.2.3.0/24"}));
  EXPECT_EQ(lost_of(imported), Lines{});
}

TEST(Ios, WhatIsLostIsSaidWithItsLine) {
  EXPECT_EQ(lost_of(import_ios("hostname r\n")), Lines{"0: no crypto map"});
  EXPECT_EQ(lost_of(import_ios("crypto map M 1 ipsec-isakmp\n set peer 192.0.2.1\n")),
            Lines{"1: crypto map M 1 ipsec-isakmp"});
  EXPECT_EQ(lost_of(import_ios("crypto map M 1 ipsec-isakmp\n match address 7\n")),
            Lines{"1: crypto map M 1 ipsec-isakmp"});
  EXPECT_EQ(lost_of(import_ios("access-list 7 permit any\ncrypto map M 1 ipsec-isakmp\n match address 7\n")),
            Lines{"2: crypto map M 1 ipsec-isakmp"});
  EXPECT_EQ(lost_of(import_ios("crypto map M 1 ipsec-isakmp dynamic D\n")),
            Lines{"1: crypto map M 1 ipsec-isakmp dynamic D"});
  EXPECT_EQ(lost_of(import_ios(kList + "crypto map M 1 gdoi\n match address L\n")), Lines{"3: crypto map M 1 gdoi"});
  EXPECT_EQ(
      lost_of(import_ios(kList + "crypto map M 1 ipsec-isakmp\n match address L\ninterface Tunnel0\n tunnel protection "
                                 "ipsec profile P\n")),
      Lines{"6: tunnel protection ipsec profile P"});
  EXPECT_EQ(lost_of(import_ios(kList + "no crypto map M\ncrypto map M 1 ipsec-isakmp\n match address L\n")),
            Lines{"3: no crypto map M"});
}

/// Of the same small world as the lines below.
constexpr const char* kGroups =
    "object-group network PAIR\n host 10.0.0.1\n host 10.0.0.2\nobject-group network MORE\n group-object PAIR\n "
    "10.0.0.2 255.255.255.254\nobject-group service SOME\n tcp eq 1\n tcp source 3 range 1 2\n icmp 8\n";

/// What IOS does: the entries of a map one after the other, of each the first line that has the packet.
bool ios_protects(const std::vector<std::vector<std::string>>& lists, const base::Flow& flow) {
  for (const auto& list : lists) {
    for (const std::string& text : list) {
      ObjectGroups groups(kGroups);
      const auto line = parse_access_line(words_of(text), groups).value();
      bool has = false;
      for (std::size_t i = 0; i < line.size(); ++i) has = has || line.box(i).contains(flow);
      if (!has) continue;
      if (line.permit) return true;
      break;
    }
  }
  return false;
}

/// A small world, so that lines meet: two bits of each address, and few ports.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}
  unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_); }
  std::string address() {
    switch (below(6)) {
      case 0: return "any";
      case 4: return "object-group PAIR";
      case 5: return "object-group MORE";
      case 1: return "host 10.0.0." + std::to_string(below(4));
      case 2: return "10.0.0." + std::to_string(below(4)) + " 0.0.0.1";
      default: return "10.0.0." + std::to_string(below(4)) + " 0.0.0.2";
    }
  }
  std::string ports() {
    static const std::vector<std::string> kSome = {"",       "",      " eq 1", " eq 1 3",
                                                   " neq 2", " gt 1", " lt 2", " range 1 2"};
    return kSome[below(8)];
  }
  std::string line() {
    const std::string action = below(3) == 0 ? "deny " : "permit ";
    if (below(6) == 0) return action + "object-group SOME " + address() + " " + address();
    if (below(2) == 0) return action + "ip " + address() + " " + address();
    return action + (below(2) == 0 ? "tcp " : "udp ") + address() + ports() + " " + address() + ports();
  }
  base::Flow flow() {
    const auto host = [this] { return base::Address::v4(0x0a000000 + below(4)); };
    const auto source = host();
    const auto destination = host();
    const auto port = [this] { return static_cast<std::uint16_t>(below(5)); };
    if (below(4) == 0) return {source, destination, base::Protocol::kGre, 0, 0};
    if (below(8) == 0) return {source, destination, base::Protocol::kIcmp, 8, 0};
    return {source, destination, below(2) == 0 ? base::Protocol::kTcp : base::Protocol::kUdp, port(), port()};
  }

 private:
  std::mt19937 random_;
};

TEST(Ios, RandomMapsProtectWhatIosProtects) {
  unsigned whole = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    World world(seed);
    std::vector<std::vector<std::string>> lists(1 + world.below(3));
    std::string text = kGroups;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const std::string name = "L" + std::to_string(i);
      text += "crypto map M " + std::to_string(i + 1) + " ipsec-isakmp\n match address " + name +
              "\nip access-list extended " + name + "\n";
      for (unsigned lines = 1 + world.below(4); lines > 0; --lines) {
        lists[i].push_back(world.line());
        text += " " + lists[i].back() + "\n";
      }
    }
    const Imported imported = import_ios(text);
    std::vector<policy::Rule> rules;
    for (const ImportedRule& one : imported.rules) rules.push_back(one.rule);
    const policy::Snapshot snapshot(rules);
    whole += imported.lost() ? 0U : 1U;
    for (unsigned flows = 0; flows < 100; ++flows) {
      const base::Flow flow = world.flow();
      const auto match = snapshot.first_match(flow);
      const bool protects = match && snapshot.rule(match->rule).action == policy::Action::kProtect;
      // What was lost may leave more protected, never less.
      if (imported.lost()) {
        EXPECT_TRUE(protects || !ios_protects(lists, flow)) << text << flow.text();
      } else {
        EXPECT_EQ(protects, ios_protects(lists, flow)) << text << flow.text();
      }
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(whole, 2000U);
}

}  // namespace
}  // namespace migrate
