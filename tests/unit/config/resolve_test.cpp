// interface:NAME in rules: as text, and with what it stands for.
#include "config/resolve.hpp"

#include "unit/config/text.hpp"

namespace config_test {

using base::Prefix;

config::Config parsed(const std::string& lines) {
  auto config = config::parse(with_rule(lines), "t.toml");
  EXPECT_TRUE(config) << config.error().front().text();
  return config ? *std::move(config) : config::Config{};
}

std::vector<Prefix> prefixes(std::initializer_list<const char*> texts) {
  std::vector<Prefix> list;
  for (const char* text : texts) list.push_back(Prefix::parse(text).value());
  return list;
}

std::string text(const std::vector<base::MaskedAddress>& list) {
  std::string all;
  for (const auto& one : list) all += (all.empty() ? "" : " ") + one.text();
  return all;
}

TEST(Interfaces, AreKeptWithTheirPlace) {
  const auto config = parsed("local = [\"interface:lan0\", \"10.9.0.0/16\"]\nremote = [\"interface:v.100\"]\n");
  EXPECT_EQ(config.interface_uses, (std::vector<config::InterfaceUse>{{0, config::Side::kLocal, "lan0", 7, 10},
                                                                      {0, config::Side::kRemote, "v.100", 8, 11}}));
  EXPECT_EQ(text(config.rules[0].local), "10.9.0.0/16");
  EXPECT_TRUE(config.rules[0].remote.empty());
  EXPECT_EQ(config::interface_names(config), (std::vector<std::string>{"lan0", "v.100"}));
  EXPECT_EQ(config::interfaces_text(config, 0), "interface:lan0, interface:v.100");
}

TEST(Interfaces, NamesThatTheKernelRefusesAreMistakes) {
  EXPECT_EQ(mistakes_of(with_rule("local = [\"interface:\"]\n")),
            "t.toml:7:10: 'interface:' does not name an interface (write \"interface:lan0\", or "
            "\"interface:pod*\" for all that begin so; a name has 1 to 15 characters without spaces, '/', ':' and "
            "'*')\n");
  for (const char* name : {"a/b", "a b", "a:b", "*", "a*b", "a**", "sixteen.letters.", "..", "caf\u00e9"}) {
    EXPECT_NE(mistakes_of(with_rule("local = [\"interface:" + std::string(name) + "\"]\n")), "") << name;
  }
  EXPECT_EQ(mistakes_of(with_rule("local = [\"interface:fifteen.letters\"]\n")), "");
  EXPECT_EQ(mistakes_of(with_rule("local = [\"interface:pod*\"]\n")), "");
  EXPECT_EQ(mistakes_of(with_rule("local = [\"interface:a\", \"interface:a\"]\n")),
            "t.toml:7:25: 'interface:a' is given twice (leave one of them out)\n");
  EXPECT_EQ(mistakes_of(with_rule("local = [\"interface:a\"]\nremote = [\"interface:a\"]\n")), "");
}

TEST(Interfaces, ResolveToNetworksBehindTheOtherEntries) {
  const auto config = parsed("local = [\"interface:lan0\", \"10.9.0.0/16\"]\nremote = [\"10.0.0.0/8\"]\n");
  const auto networks = prefixes({"10.5.0.0/16", "10.1.0.0/16", "10.1.2.0/24"});
  const auto rules = config::resolve(config, "t.toml", {{"lan0", {networks, networks}}});
  ASSERT_TRUE(rules);
  EXPECT_EQ(text(rules->at(0).local), "10.9.0.0/16 10.1.0.0/16 10.5.0.0/16");
  EXPECT_TRUE(config::idle_rules(config, *rules).empty());
}

TEST(Interfaces, WhatClosesHoldsAndWhatOpensDoesNot) {
  const config::NetworksByName networks{
      {"lan0", {prefixes({"10.1.0.0/16"}), prefixes({"10.1.0.0/16", "10.5.0.0/16"})}}};
  const auto local = [&](const std::string& action) {
    const auto config = parsed("action = \"" + action + "\"\nlocal = [\"interface:lan0\"]\n");
    return text(config::resolve(config, "t.toml", networks).value().at(0).local);
  };
  EXPECT_EQ(local("protect"), "10.1.0.0/16 10.5.0.0/16");
  EXPECT_EQ(local("block"), "10.1.0.0/16 10.5.0.0/16");
  EXPECT_EQ(local("bypass"), "10.1.0.0/16");
}

TEST(Interfaces, ARuleWithoutAnyIsIdleAndSaysSo) {
  const auto config = parsed("local = [\"interface:lan0\"]\n");
  for (const config::NetworksByName& networks :
       {config::NetworksByName{}, {{"lan0", {{}, prefixes({"2001:db8::/32"})}}}}) {
    const auto rules = config::resolve(config, "t.toml", networks).value();
    const auto idle = config::idle_rules(config, rules);
    ASSERT_EQ(idle.size(), 1U);
    EXPECT_EQ(idle[0].text.substr(0, 70), "rule 'r' matches nothing now: there is no network of interface:lan0 th");
  }
}

TEST(Interfaces, MoreThanARuleMayStandForIsRefused) {
  const auto config = parsed("local = [\"interface:lan0\"]\nremote = [\"10.0.0.0/8\", \"11.0.0.0/8\"]\n");
  std::vector<Prefix> many;
  for (std::uint32_t i = 0; i <= 32'768; ++i) many.emplace_back(base::Address::v4(0x0a000000 + 2 * i), 32);
  const auto refused = config::resolve(config, "t.toml", {{"lan0", {{}, many}}});
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().size(), 1U);
  EXPECT_EQ(refused.error()[0].text(),
            "t.toml:7:10: rule 'r' stands for 65538 pairs of prefixes with the networks of interface:lan0; at most "
            "65536 are possible (have fewer routes there, or write prefixes that contain them)");
  many.pop_back();
  EXPECT_TRUE(config::resolve(config, "t.toml", {{"lan0", {{}, many}}}));
}

}  // namespace config_test
