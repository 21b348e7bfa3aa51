// What charon accepts from peers: each rule by itself, or what is around them all.
#include "daemon/responder_children.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "base/masked_address.hpp"

namespace tedd {
namespace {

using Texts = std::vector<std::string>;

base::MaskedAddress masked(const std::string& text) {
  return *base::MaskedAddress::parse(text);
}

policy::Rule protect(const std::string& local, const std::string& remote) {
  policy::Rule rule;
  rule.local = {masked(local)};
  rule.remote = {masked(remote)};
  return rule;
}

/// `count` rules for a /24 each behind 10.1.0.0/16, towards a /24 each of 10.128.0.0/9.
std::vector<policy::Rule> many(std::uint32_t count) {
  std::vector<policy::Rule> rules;
  for (std::uint32_t i = 0; i < count; ++i) {
    rules.push_back(protect("10.1.0.0/16", "10.0.0.0/8"));
    rules.back().remote = {base::Prefix(base::Address::v4(0x0a800000 + (i << 8)), 24)};
  }
  return rules;
}

bool covers(const Texts& texts, const base::MaskedAddress& addresses) {
  return std::ranges::any_of(texts, [&](const std::string& text) { return masked(text).covers(addresses); });
}

TEST(ResponderChildren, AreOneForEachRuleThatResponds) {
  auto rules = many(3);
  rules[0].action = policy::Action::kBypass;
  rules[1].respond = false;
  rules[2].protocol = base::Protocol::kTcp;
  rules[2].remote_port = base::PortRange::only(443);
  const auto children = responder_children(rules);
  ASSERT_EQ(children.size(), 1U);
  EXPECT_EQ(children[0].name, "rule-2");
  EXPECT_EQ(children[0].local_ts, (Texts{"10.1.0.0/16[6]"}));
  EXPECT_EQ(children[0].remote_ts, (Texts{"10.128.2.0/24[6/443]"}));
}

TEST(ResponderChildren, OfMoreRulesThanCharonShouldTryAreThePrefixesAroundThem) {
  EXPECT_EQ(responder_children(many(256)).size(), 256U);
  const auto rules = many(257);
  const auto children = responder_children(rules);
  ASSERT_EQ(children.size(), 1U);
  EXPECT_EQ(children[0].local_ts, (Texts{"10.1.0.0/16"}));
  EXPECT_LE(children[0].remote_ts.size(), 64U);
  for (const policy::Rule& rule : rules) EXPECT_TRUE(covers(children[0].remote_ts, rule.remote.front()));
  EXPECT_FALSE(covers(children[0].remote_ts, masked("10.127.0.0/24")));
  EXPECT_FALSE(covers(children[0].remote_ts, masked("10.129.8.0/24")));
}

TEST(ResponderChildren, OfWhatDoesNotRespondNothingIsInThem) {
  auto rules = many(300);
  rules.push_back(protect("0.0.0.0/0", "0.0.0.0/0"));
  rules.back().respond = false;
  rules.push_back(protect("0.0.0.0/0", "0.0.0.0/0"));
  rules.back().action = policy::Action::kBlock;
  const auto children = responder_children(rules);
  ASSERT_EQ(children.size(), 1U);
  EXPECT_FALSE(covers(children[0].local_ts, masked("10.2.0.0/16")));
  EXPECT_FALSE(covers(children[0].remote_ts, masked("11.0.0.0/8")));
}

TEST(ResponderChildren, OfARuleOfVeryManyPairsAreThePrefixesAroundItToo) {
  auto rule = protect("2001:db8:1::/48", "2001:db8:2::/48");
  rule.local.clear();
  rule.remote.clear();
  for (std::uint32_t i = 0; i < 80; ++i) {
    rule.local.emplace_back(base::Prefix(base::Address::v4(0x0a010000 + (i << 8)), 24));
    rule.remote.emplace_back(base::Prefix(base::Address::v4(0xac100000 + (i << 8)), 24));
  }
  rule.local.push_back(masked("2001:db8:1::/48"));
  rule.remote.push_back(masked("2001:db8:2::/48"));
  const auto children = responder_children(std::vector{rule});
  ASSERT_EQ(children.size(), 1U);
  EXPECT_TRUE(covers(children[0].local_ts, masked("2001:db8:1::/48")));
  EXPECT_TRUE(covers(children[0].remote_ts, masked("172.16.79.0/24")));
  EXPECT_FALSE(covers(children[0].local_ts, masked("10.2.0.0/24")));
  EXPECT_FALSE(covers(children[0].local_ts, masked("2001:db8:2::/48")));
}

}  // namespace
}  // namespace tedd
