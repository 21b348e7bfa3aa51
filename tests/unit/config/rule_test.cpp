#include <gtest/gtest.h>

#include "unit/config/text.hpp"

namespace config_test {

using base::PortRange;
using base::Protocol;
using policy::Action;

TEST(RuleText, HasTheDocumentedDefaults) {
  const auto protect = rule_of("");
  EXPECT_EQ(protect.protocol, std::nullopt);
  EXPECT_TRUE(protect.local_port.is_any() && protect.remote_port.is_any());
  EXPECT_TRUE(protect.discover && protect.respond);
  EXPECT_FALSE(protect.draft);
  EXPECT_EQ(protect.on_failure, policy::OnFailure::kBlock);
  EXPECT_EQ(protect.first_packet, policy::FirstPacket::kDrop);
  EXPECT_EQ(protect.source_line, 6U);
  const auto bypass = rule_of("action = \"bypass\"\n");
  EXPECT_FALSE(bypass.discover || bypass.respond);
}

TEST(RuleText, TakesProtocolsByNameAndNumber) {
  EXPECT_EQ(rule_of("protocol = \"tcp\"\n").protocol, Protocol::kTcp);
  EXPECT_EQ(rule_of("protocol = 17\n").protocol, Protocol::kUdp);
  EXPECT_EQ(rule_of("protocol = \"255\"\n").protocol, static_cast<Protocol>(255));
  EXPECT_EQ(rule_of("protocol = \"any\"\n").protocol, std::nullopt);
  EXPECT_NE(mistakes_of(with_rule("protocol = 256\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = -1\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = 6.0\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = \"TCPP\"\n")), "");
}

TEST(RuleText, TakesPortsInEveryForm) {
  EXPECT_EQ(rule_of("protocol = 6\nremote_port = 443\n").remote_port, PortRange::only(443));
  EXPECT_EQ(rule_of("protocol = 6\nremote_port = \"80-80\"\n").remote_port, PortRange::only(80));
  EXPECT_EQ(rule_of("protocol = 6\nlocal_port = \"1000-2000\"\n").local_port, (PortRange{1000, 2000}));
  EXPECT_TRUE(rule_of("local_port = \"any\"\n").local_port.is_any());
  EXPECT_NE(mistakes_of(with_rule("protocol = 6\nremote_port = 65536\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = 6\nremote_port = -1\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = 6\nremote_port = \"2-1\"\n")), "");
}

TEST(RuleText, RefusesPortsWithoutAProtocolThatHasThem) {
  EXPECT_NE(mistakes_of(with_rule("remote_port = 443\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = \"gre\"\nremote_port = 443\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = \"icmp\"\nremote_port = 443\n")), "");
}

TEST(RuleText, TakesIcmpTypesAndCodes) {
  const auto echo = rule_of("protocol = \"icmp\"\nicmp = \"8/0\"\n");
  EXPECT_EQ(echo.local_port, PortRange::only(8));
  EXPECT_EQ(echo.remote_port, PortRange::only(0));
  const auto unreachable = rule_of("protocol = \"ipv6-icmp\"\nicmp = 1\n");
  EXPECT_EQ(unreachable.local_port, PortRange::only(1));
  EXPECT_TRUE(unreachable.remote_port.is_any());
  EXPECT_NE(mistakes_of(with_rule("icmp = \"8/0\"\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = \"tcp\"\nicmp = \"8/0\"\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = \"icmp\"\nicmp = \"8/\"\n")), "");
  EXPECT_NE(mistakes_of(with_rule("protocol = \"icmp\"\nicmp = 256\n")), "");
}

TEST(RuleText, RefusesWhatCannotMatch) {
  EXPECT_NE(mistakes_of(with_rule("local = [\"10.0.0.0/8\"]\nremote = [\"2001:db8::/32\"]\n")), "");
  EXPECT_EQ(mistakes_of(with_rule("local = [\"any\"]\nremote = [\"2001:db8::/32\"]\n")), "");
  EXPECT_NE(mistakes_of(with_rule("local = []\n")), "");
}

TEST(RuleText, RefusesProductsBeyondTheBound) {
  const std::string range = "[\"::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe\"]\n";
  EXPECT_EQ(mistakes_of(with_rule("local = " + range + "remote = " + range)), "");
  EXPECT_NE(mistakes_of(with_rule("local = " + range +
                                  "remote = [\"::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe\", \"::/1\", \"::/2\", "
                                  "\"::/3\", \"::/4\", \"::/5\"]\n")),
            "");
}

TEST(RuleText, RefusesDiscoveryWithoutProtection) {
  EXPECT_NE(mistakes_of(with_rule("action = \"block\"\ndiscover = true\n")), "");
  EXPECT_EQ(mistakes_of(with_rule("action = \"block\"\ndiscover = false\n")), "");
  EXPECT_NE(mistakes_of(with_rule("action = \"bypass\"\non_failure = \"bypass\"\n")), "");
  EXPECT_EQ(rule_of("on_failure = \"bypass\"\nfirst_packet = \"hold\"\nrespond = false\n").on_failure,
            policy::OnFailure::kBypass);
}

TEST(RuleText, TakesTheDraftFormOnlyWhenTold) {
  EXPECT_TRUE(rule_of("draft = true\n").draft);
  EXPECT_FALSE(rule_of("draft = false\n").draft);
  EXPECT_NE(mistakes_of(with_rule("action = \"bypass\"\ndraft = true\n")), "");
  EXPECT_EQ(mistakes_of(with_rule("action = \"bypass\"\ndraft = false\n")), "");
  EXPECT_NE(mistakes_of(with_rule("draft = \"yes\"\n")), "");
}

TEST(RuleText, NamesAreUniqueAndPlain) {
  EXPECT_EQ(mistakes_of(with_rule("name = \"r\"\n") + with_rule("").substr(kHead.size())),
            "t.toml:12:8: the name 'r' is given twice (the first rule of that name is in line 6)\n");
  EXPECT_EQ(mistakes_of(with_rule("name = \"" + std::string(64, 'n') + "\"\n")), "");
  EXPECT_NE(mistakes_of(with_rule("name = \"" + std::string(65, 'n') + "\"\n")), "");
  EXPECT_NE(mistakes_of(with_rule("name = \"\"\n")), "");
}

}  // namespace config_test
