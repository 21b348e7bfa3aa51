// swanctl.conf: its format, its selectors, and what of it has no place in rules.
#include "migrate/swanctl.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "migrate/settings.hpp"
#include "migrate/traffic_selector.hpp"
#include "unit/migrate/shown.hpp"

namespace migrate {
namespace {

using Lines = std::vector<std::string>;

TEST(Swanctl, SitesAndWhatStaysOutOfThem) {
  std::stringstream text;
  text << std::ifstream(OPENTED_TESTS_DIR "/unit/migrate/data/sites.swanctl").rdbuf();
  const Imported imported = import_swanctl(text.str());
  EXPECT_EQ(
      rules_of(imported),
      (Lines{"shunts-lan: bypass any 10.1.0.0/16 > 10.1.0.0/16",
             "hq-net: protect any 10.1.0.0/16 fd00:1::/32 > 10.2.0.0/16 fd00:2::/32",
             "hq-web: protect tcp 10.1.0.0/16 > 10.5.0.1/32 10.5.0.2/31 10.5.0.4/31 10.5.0.6/32 port 443",
             "hq-web.2: protect tcp 10.1.0.0/16 > 10.6.0.0/24 port 8000-8080",
             "hq-gw: protect any 192.0.2.1/32 > 10.7.0.0/16", "shunts-never: block any 10.1.0.0/16 > 0.0.0.0/0"}));
  EXPECT_EQ(lost_of(imported), (Lines{"34: clients-rw: remote_ts = dynamic", "54: vti-routed: if_id_out = 42"}));
  EXPECT_EQ(imported.addresses, Lines{"192.0.2.1"});
  for (const Finding& one : imported.findings) EXPECT_EQ(one.text.find("0sZm9v"), std::string::npos) << one.text;
}

std::string child(const std::string& text) {
  return "connections { c { children { k { " + text + "\n} } } }";
}

TEST(Swanctl, WhatIsLostIsSaid) {
  const auto lost = [](const std::string& text) { return lost_of(import_swanctl(text)); };
  const std::string sides = "local_ts = 10.1.0.0/16\nremote_ts = 10.2.0.0/16\n";
  EXPECT_EQ(lost(child(sides)), Lines{});
  EXPECT_EQ(lost(""), Lines{"0: no connections"});
  EXPECT_EQ(lost(child(sides + "policies = no")), Lines{"1: c-k"});
  EXPECT_EQ(lost(child(sides + "mark_out = 7")), Lines{"3: c-k: mark_out = 7"});
  EXPECT_EQ(lost(child(sides + "mode = odd")), Lines{"3: c-k: mode = odd"});
  EXPECT_EQ(lost(child(sides + "mode = transport")), Lines{});
  EXPECT_EQ(lost(child("local_ts = 10.1.0.0/16[tcp]\nremote_ts = 10.2.0.0/16[udp]")), Lines{"1: c-k"});
  EXPECT_EQ(lost(child("local_ts = 10.1.0.0/16\nremote_ts = fd00::/16")), Lines{"1: c-k"});
  EXPECT_EQ(lost(child("local_ts = 10.1.0.0/16, 10.3.0.0/16[icmp/8]\nremote_ts = 10.2.0.0/16")),
            Lines{"1: c-k: local_ts = 10.3.0.0/16[icmp/8]"});
  EXPECT_EQ(lost("include conf.d/*.conf\n" + child(sides)), Lines{"1: include conf.d/*.conf"});
  EXPECT_EQ(lost("connections { a : b { children { k { } } } }").front(), "1: a : b");
  EXPECT_EQ(lost("connections { a : connections.a { children { k {\n" + sides + "} } } }").front(),
            "1: a : connections.a");
}

TEST(Swanctl, WhatIsSaidElsewhereIsNamed) {
  const auto imported = import_swanctl(R"(connections { c {
proposals = aes256-sha256-modp2048
local { auth = psk
id = gw.example }
remote-1 { auth = pubkey }
children { k { local_ts = 10.1.0.0/16
remote_ts = 10.2.0.0/16
mode = transport
esp_proposals = aes128gcm16
ipcomp = yes } } } })");
  Lines told;
  for (const Finding& one : imported.findings) {
    EXPECT_FALSE(one.lost) << one.text;
    told.push_back(std::to_string(one.line) + ": " + one.text);
  }
  EXPECT_EQ(told, (Lines{"2: c: proposals = aes256-sha256-modp2048", "3: c local: auth = psk",
                         "4: c local: id = gw.example", "5: c remote-1: auth = pubkey", "8: c-k: mode = transport",
                         "9: c-k: esp_proposals = aes128gcm16", "10: c-k: ipcomp = yes"}));
  EXPECT_EQ(imported.rules.size(), 1U);
}

TEST(TrafficSelector, AsStrongSwanWritesThem) {
  const auto read = [](std::string_view text) {
    const auto selector = parse_traffic_selector(text);
    if (!selector) return std::string("no");
    std::string all = selector->is_dynamic() ? "dynamic" : "";
    for (const auto& one : selector->addresses) all += (all.empty() ? "" : " ") + one.text();
    return all + " " + (selector->protocol ? base::text(*selector->protocol) : "any") + " " + selector->ports.text();
  };
  EXPECT_EQ(read("10.1.0.0/16"), "10.1.0.0/16 any any");
  EXPECT_EQ(read(" 10.1.2.3/16 "), "10.1.0.0/16 any any");
  EXPECT_EQ(read("10.1.2.3"), "10.1.2.3/32 any any");
  EXPECT_EQ(read("10.1.2.0-10.1.2.255"), "10.1.2.0/24 any any");
  EXPECT_EQ(read("fd00::/16[tcp/https]"), "fd00::/16 tcp 443");
  EXPECT_EQ(read("dynamic[udp/1701]"), "dynamic udp 1701");
  EXPECT_EQ(read("dynamic[/]"), "dynamic any any");
  EXPECT_EQ(read("10.1.0.0/16[47]"), "10.1.0.0/16 gre any");
  EXPECT_EQ(read("10.1.0.0/16[tcp/1000-2000]"), "10.1.0.0/16 tcp 1000-2000");
  for (const char* bad :
       {"", "10.1.0.0/33", "10.1.0.0/16[tcp", "10.1.0.0/16[frob]", "10.1.0.0/16[tcp/frob]", "10.1.0.0/16[/80]",
        "10.1.0.0/16[tcp/opaque]", "host.example", "any", "10.1.0.0/255.255.0.0", "[tcp]"}) {
    EXPECT_EQ(read(bad), "no") << bad;
  }
}

/// Names, values and lines, in one text.
std::string shown(const Settings& settings) {
  std::string all;
  for (const Setting& one : settings.values) all += one.key + "=" + one.value + "@" + std::to_string(one.line) + " ";
  for (const Settings& inner : settings.sections) all += inner.name + "{" + shown(inner) + "} ";
  return all;
}

TEST(Settings, TheFormatOfStrongSwan) {
  std::vector<Finding> findings;
  EXPECT_EQ(
      shown(read_settings("a = 1 # one\nb { c=2\n\n d = \"x } \\\" y\" }\ne\n{\n f = }\nb { c = 3 }\n", findings)),
      "a=1@1 b{c=2@2 d=x } \" y@4 c=3@8 } e{f=@7 } ");
  EXPECT_TRUE(findings.empty());
  for (const char* bad : {"}", "a", "a b\n", "{ }", "a = \"x", "a { b }", "include x"}) {
    findings.clear();
    static_cast<void>(read_settings(bad, findings));
    EXPECT_FALSE(findings.empty()) << bad;
  }
  findings.clear();
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a{";
  static_cast<void>(read_settings(deep, findings));
  EXPECT_FALSE(findings.empty());
}

}  // namespace
}  // namespace migrate
