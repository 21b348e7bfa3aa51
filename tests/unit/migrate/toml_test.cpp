// What is written is read again, to the same rules.
#include <gtest/gtest.h>

#include "config/config.hpp"
#include "unit/migrate/shown.hpp"

namespace migrate {
namespace {

ImportedRule rule(const std::string& name, policy::Action action = policy::Action::kProtect) {
  ImportedRule one;
  one.rule.name = name;
  one.rule.action = action;
  one.rule.local = {*base::MaskedAddress::parse("10.1.0.0/16"), *base::MaskedAddress::parse("10.3.0.1/255.255.0.255")};
  one.rule.remote = {*base::MaskedAddress::parse("fd00::/16"), *base::MaskedAddress::parse("0.0.0.0/0")};
  one.rule.discover = one.rule.respond = action == policy::Action::kProtect;
  one.origin = name;
  return one;
}

TEST(Toml, RulesComeBackAsTheyWere) {
  Imported imported;
  imported.rules = {
      rule("a"), rule("b", policy::Action::kBypass), rule("c", policy::Action::kBlock), rule("d"), rule("e"),
      rule("f")};
  imported.rules[0].rule.discover = false;
  imported.rules[1].rule.protocol = base::Protocol::kTcp;
  imported.rules[1].rule.local_port = {1, 9};
  imported.rules[1].rule.remote_port = base::PortRange::only(443);
  imported.rules[3].rule.protocol = base::Protocol::kIcmp;
  imported.rules[3].rule.local_port = base::PortRange::only(3);
  imported.rules[3].rule.remote_port = base::PortRange::only(4);
  imported.rules[4].rule.protocol = base::Protocol::kIpv6Icmp;
  imported.rules[4].rule.local_port = base::PortRange::only(128);
  imported.rules[5].rule.protocol = static_cast<base::Protocol>(89);
  const auto read = config::parse(toml_of(imported, "x"), "x");
  ASSERT_TRUE(read) << read.error().front().text();
  ASSERT_EQ(read->rules.size(), imported.rules.size());
  for (std::size_t i = 0; i < read->rules.size(); ++i) {
    policy::Rule back = read->rules[i];
    back.source_line = 0;
    EXPECT_EQ(back, imported.rules[i].rule) << shown(back);
  }
}

TEST(Toml, NothingThatAFileSaysLeavesItsPlace) {
  Imported imported;
  imported.rules = {rule("a")};
  imported.rules[0].origin = "a\n[ike]\x01 \xff";
  imported.interfaces = {"e0\n[gateway]"};
  const std::string text = toml_of(imported, "file\n[ike]\n");
  const auto read = config::parse(text, "x");
  ASSERT_TRUE(read) << text << read.error().front().text();
  EXPECT_EQ(read->rules.size(), 1U);
  EXPECT_NE(text.find("FILL IN: this machine's"), std::string::npos);
  imported.addresses = {"192.0.2.9"};
  EXPECT_EQ(config::parse(toml_of(imported, "x"), "x")->gateway.addresses.front().text(), "192.0.2.9");
}

TEST(Imported, TakesOnlyAddressesThatAGatewayCanHave) {
  Imported imported;
  for (const char* one :
       {"226.0.2.1", "0.0.0.0", "127.0.0.1", "255.255.255.255", "x", "192.0.2.1", "192.0.2.1", "::1"}) {
    imported.add_address(one);
  }
  EXPECT_EQ(imported.addresses, std::vector<std::string>{"192.0.2.1"});
}

TEST(Names, AreUniqueAndAllowed) {
  Names names;
  EXPECT_EQ(names.unique("a b/c"), "a-b-c");
  EXPECT_EQ(names.unique("a-b-c"), "a-b-c.2");
  EXPECT_EQ(names.unique("a-b-c.2"), "a-b-c.2.2");
  EXPECT_EQ(names.unique("a-b-c"), "a-b-c.3");
  EXPECT_EQ(names.unique(""), "rule");
  EXPECT_LE(names.unique(std::string(200, 'x')).size(), 64U);
}

}  // namespace
}  // namespace migrate
