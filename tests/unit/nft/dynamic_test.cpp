#include "platform/nft/dynamic.hpp"

#include <array>
#include <gtest/gtest.h>

namespace nft {
namespace {

constexpr Edition kEdition{3};

base::Address address(const char* text) {
  return base::Address::parse(text).value();
}

TEST(Dynamic, TunnelsAreFlushedAndFilledAgain) {
  EXPECT_EQ(tunnels_ruleset({}, kEdition), "flush chain inet opented tunnels.3\n");
  base::Selector web{base::Protocol::kTcp,
                     base::MaskedAddress::parse("10.1.0.0/24").value(),
                     base::MaskedAddress::parse("10.2.0.0/24").value(),
                     {},
                     base::PortRange::only(443)};
  EXPECT_EQ(tunnels_ruleset(std::array{web}, kEdition),
            "flush chain inet opented tunnels.3\n"
            "add rule inet opented tunnels.3 ip saddr 10.1.0.0/24 ip daddr 10.2.0.0/24 meta l4proto 6 th dport 443 "
            "counter accept comment \"tcp 10.1.0.0/24 > 10.2.0.0/24:443\"\n");
}

TEST(Dynamic, OnlyWhatIsNewIsAddedAndOnlyALossStartsAfresh) {
  const auto selector = [](const char* remote) {
    return base::Selector{
        {}, base::MaskedAddress::parse("10.1.0.0/24").value(), base::MaskedAddress::parse(remote).value(), {}, {}};
  };
  const auto a = selector("10.2.0.0/24");
  const auto b = selector("10.3.0.0/24");
  EXPECT_EQ(tunnels_update({}, {}, kEdition), "");
  EXPECT_EQ(tunnels_update(std::array{a}, std::array{b, a}, kEdition),
            "add rule inet opented tunnels.3 ip saddr 10.1.0.0/24 ip daddr 10.3.0.0/24 counter accept comment "
            "\"any 10.1.0.0/24 > 10.3.0.0/24\"\n");
  EXPECT_EQ(tunnels_update(std::array{a, b}, std::array{b, a, b}, kEdition), "")
      << "a rekeyed tunnel is there twice for a while";
  EXPECT_EQ(tunnels_update(std::array{a, b}, std::array{b}, kEdition), tunnels_ruleset(std::array{b}, kEdition));
  EXPECT_EQ(tunnels_update(std::array{a}, {}, kEdition), "flush chain inet opented tunnels.3\n");
}

TEST(Dynamic, OpeningsGoToTheirRuleAndFamily) {
  policy::Rule open;
  open.local = {base::MaskedAddress::any(base::Family::kV4), base::MaskedAddress::any(base::Family::kV6)};
  open.remote = open.local;
  open.on_failure = policy::OnFailure::kBypass;
  policy::Rule shut = open;
  shut.on_failure = policy::OnFailure::kBlock;
  const policy::Snapshot policy({shut, open});
  const std::array openings{Opening{policy::RuleIndex{1}, address("10.2.0.7"), std::chrono::seconds(30)},
                            Opening{policy::RuleIndex{1}, address("fd00::7"), {}},
                            Opening{policy::RuleIndex{0}, address("10.2.0.8"), {}},
                            Opening{policy::RuleIndex{7}, address("10.2.0.9"), {}}};
  EXPECT_EQ(openings_ruleset(policy, openings, kEdition),
            "flush set inet opented open4_1.3\n"
            "add element inet opented open4_1.3 { 10.2.0.7 timeout 30s }\n"
            "flush set inet opented open6_1.3\n"
            "add element inet opented open6_1.3 { fd00::7 }\n");
}

TEST(Dynamic, OnlyAProtectRuleThatDiscoversAndBypassesMayOpen) {
  policy::Rule rule;
  EXPECT_FALSE(may_open(rule));
  rule.on_failure = policy::OnFailure::kBypass;
  EXPECT_TRUE(may_open(rule));
  rule.discover = false;
  EXPECT_FALSE(may_open(rule));
  rule.discover = true;
  rule.action = policy::Action::kBlock;
  EXPECT_FALSE(may_open(rule));
}

}  // namespace
}  // namespace nft
