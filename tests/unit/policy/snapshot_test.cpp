#include "policy/snapshot.hpp"

#include <gtest/gtest.h>

#include "unit/policy/build.hpp"

namespace policy_test {

using policy::RuleIndex;
using policy::Snapshot;

Snapshot office() {
  auto both = protect("both", box("any", "10.1.0.0/16", "10.0.0.0/8"));
  both.local.push_back(addresses("2001:db8:1::/48"));
  both.local.push_back(addresses("10.9.0.0/16"));
  both.remote.push_back(addresses("2001:db8::/32"));
  return Snapshot({bypass("dns", box("udp", "10.1.0.0/16", "10.0.0.0/8", "any", "53")),
                   rule("odd", policy::Action::kBlock, box("any", "0.0.0.0/0", "10.0.0.1/255.0.0.255")), both,
                   protect("ping", box("icmp", "0.0.0.0/0", "0.0.0.0/0", "8", "0"))});
}

std::string matched(const Snapshot& snapshot, const std::string& text) {
  const auto match = snapshot.first_match(flow(text));
  return match ? snapshot.rule(match->rule).name : "none";
}

TEST(FirstMatch, TakesTheFirstOfSeveral) {
  const auto snapshot = office();
  EXPECT_EQ(matched(snapshot, "udp 10.1.0.5:4000 > 10.2.0.7:53"), "dns");
  EXPECT_EQ(matched(snapshot, "udp 10.1.0.5:4000 > 10.2.0.7:54"), "both");
  EXPECT_EQ(matched(snapshot, "tcp 10.1.0.5:4000 > 10.2.0.7:53"), "both");
  EXPECT_EQ(matched(snapshot, "tcp 10.1.0.5:4000 > 10.2.3.1:53"), "odd");
  EXPECT_EQ(matched(snapshot, "tcp 10.3.0.5:4000 > 10.2.3.2:53"), "none");
  EXPECT_EQ(matched(snapshot, "icmp 192.0.2.1:8 > 192.0.2.2:0"), "ping");
  EXPECT_EQ(matched(snapshot, "icmp 192.0.2.1:8 > 192.0.2.2:1"), "none");
  EXPECT_EQ(matched(Snapshot{}, "tcp 10.1.0.5:4000 > 10.2.0.7:53"), "none");
}

TEST(FirstMatch, GivesTheLineOfTheProduct) {
  const auto snapshot = office();
  EXPECT_EQ(snapshot.first_match(flow("tcp 10.9.0.1:1 > 10.2.0.7:2"))->line, box("any", "10.9.0.0/16", "10.0.0.0/8"));
  EXPECT_EQ(snapshot.first_match(flow("tcp [2001:db8:1::1]:1 > [2001:db8:2::1]:2"))->line,
            box("any", "2001:db8:1::/48", "2001:db8::/32"));
}

TEST(FirstMatch, KeepsTheFamiliesApart) {
  const Snapshot snapshot({protect("v6", box("any", "::/0", "::/0"))});
  EXPECT_EQ(matched(snapshot, "tcp 0.0.0.0:1 > 0.0.0.1:2"), "none");
  EXPECT_EQ(matched(snapshot, "tcp [::]:1 > [::1]:2"), "v6");
}

TEST(Overlapping, FindsEarlierLinesInOrder) {
  const auto snapshot = office();
  const auto found = snapshot.overlapping(box("any", "10.0.0.0/8", "10.0.0.0/8"), RuleIndex{3});
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].rule, RuleIndex{0});
  EXPECT_EQ(found[1].rule, RuleIndex{1});
  EXPECT_EQ(found[2].line, box("any", "10.1.0.0/16", "10.0.0.0/8"));
  EXPECT_EQ(found[3].line, box("any", "10.9.0.0/16", "10.0.0.0/8"));
  EXPECT_EQ(snapshot.overlapping(box("tcp", "10.1.0.0/16", "10.2.0.2"), RuleIndex{2}).size(), 0U);
  EXPECT_EQ(snapshot.lines().size(), 6U);
}

}  // namespace policy_test
