#include "platform/nft/interception.hpp"

#include "golden.hpp"

namespace nft_test {
namespace {

policy::Rule rule(const char* local) {
  policy::Rule made;
  made.local = {base::MaskedAddress::parse(local).value()};
  return made;
}

TEST(Interception, ProbesForRulesThatRespondAndResponsesForUs) {
  auto quiet = rule("10.3.0.0/16");
  quiet.respond = false;
  auto bypass = rule("10.4.0.0/16");
  bypass.action = policy::Action::kBypass;
  const policy::Snapshot policy(
      {quiet, rule("10.1.0.0/16"), bypass, rule("10.0.0.77/255.0.0.255"), rule("fd00:1::/32")});
  expect_golden(nft::interception_ruleset(
                    policy, {8,
                             9,
                             {"wan0", "wan1"},
                             {base::Address::parse("192.0.2.1").value(), base::Address::parse("2001:db8::1").value()}}),
                "interception.nft");
}

TEST(Interception, WhatIsHeldIsReleasedIntoItsTunnel) {
  auto held = rule("10.1.0.0/16");
  const auto says = [&held] {
    return nft::interception_ruleset(policy::Snapshot({held}), {8, 9, {"wan0"}, {}})
        .contains("type route hook output priority mangle; policy accept;\n\t\tmeta mark 1006 meta mark set 1007 ");
  };
  EXPECT_FALSE(says()) << "where nothing is held, nobody is asked";
  held.first_packet = policy::FirstPacket::kHold;
  EXPECT_TRUE(says());
}

TEST(Interception, WithoutInterfacesNothingIsTaken) {
  const auto text = nft::interception_ruleset(policy::Snapshot({rule("0.0.0.0/0")}), {});
  EXPECT_EQ(text.find("log"), std::string::npos);
  EXPECT_NE(text.find("flags owner"), std::string::npos);
}

}  // namespace
}  // namespace nft_test
