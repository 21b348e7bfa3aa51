#include "policy/remarks.hpp"

#include <gtest/gtest.h>

#include "unit/policy/build.hpp"

namespace policy_test {

using policy::remarks;
using policy::RuleIndex;
using policy::Snapshot;

TEST(Remarks, WhatStaysInsideIsSaidUntilItIsExempt) {
  const auto branch = protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"));
  const auto all = remarks(Snapshot({branch}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].rule, RuleIndex{0});
  EXPECT_NE(all[0].text.find("local = [\"10.1.0.0/16\"]"), std::string::npos) << all[0].text;
  EXPECT_TRUE(remarks(Snapshot({bypass("inside", box("any", "10.1.0.0/16", "10.1.0.0/16")), branch})).empty());
}

TEST(Remarks, ARuleThatIsNeverReachedIsSaidWithThoseThatTakeItsFlows) {
  std::vector<policy::Rule> rules;
  for (int i = 0; i < 10; ++i) {
    rules.push_back(
        bypass("part" + std::to_string(i), box("any", ("10.1." + std::to_string(i) + ".0/24").c_str(), "0.0.0.0/0")));
  }
  rules.push_back(protect("one", box("any", "10.1.3.0/25", "10.2.0.0/16")));
  rules.push_back(protect("all", box("any", "10.1.0.0/21", "10.2.0.0/16")));
  rules.push_back(protect("reached", box("any", "10.1.0.0/16", "10.2.0.0/16")));
  const auto said = policy::shadow_remarks(Snapshot(rules));
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0],
            (policy::Remark{RuleIndex{10}, "rule 'one' is never reached: 'part3' before it takes all of its flows"}));
  EXPECT_EQ(said[1],
            (policy::Remark{RuleIndex{11},
                            "rule 'all' is never reached: 'part0', 'part1', 'part2', 'part3', 'part4', 'part5', "
                            "'part6', 'part7' before it together take all of its flows"}));
}

TEST(Remarks, AMaskThatIsNoPrefixIsSaidInPrefixes) {
  const auto all = remarks(Snapshot({protect("odd", box("any", "10.1.0.1/255.255.0.255", "10.2.0.0/16"))}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_NE(all[0].text.find("10.1.0.1/255.255.0.255 is no prefix, and 2^8 prefixes instead"), std::string::npos)
      << all[0].text;
}

TEST(Remarks, PortsThatKernelEspTakesInPieces) {
  const auto said = [](const char* protocol, const char* ports) {
    const auto all = remarks(Snapshot({protect("range", box(protocol, "10.1.0.0/16", "10.2.0.0/16", "any", ports))}));
    return all.empty() ? std::string() : all[0].text;
  };
  EXPECT_EQ(said("tcp", "443"), "");
  EXPECT_EQ(said("tcp", "1024-2047"), "");
  EXPECT_NE(said("tcp", "1024-65535").find("with kernel ESP 6 such blocks instead"), std::string::npos);
  EXPECT_NE(said("udp", "1-2").find("with kernel ESP 2 such blocks instead"), std::string::npos);
  EXPECT_NE(said("icmp", "0-3").find("one at a time"), std::string::npos);
}

TEST(Remarks, PortsThatUserspaceEspCannotSee) {
  const auto said = [](const char* protocol, const char* ports) {
    const auto all = remarks(Snapshot({protect("some", box(protocol, "10.1.0.0/16", "10.2.0.0/16", "any", ports))}));
    return !all.empty() && all.back().text.find("sees ports of TCP and UDP only") != std::string::npos;
  };
  EXPECT_FALSE(said("tcp", "443"));
  EXPECT_FALSE(said("udp", "53"));
  EXPECT_FALSE(said("icmp", "any"));
  EXPECT_TRUE(said("icmp", "3"));
  EXPECT_TRUE(said("sctp", "80"));
}

TEST(Remarks, OneHostOnBothSidesSendsNothingThroughHere) {
  EXPECT_TRUE(remarks(Snapshot({protect("host", box("any", "10.1.0.1/32", "10.0.0.0/8"))})).empty());
}

TEST(Remarks, ARuleForOldPeersWithAProtocolAnswersNone) {
  auto old = protect("old", box("tcp", "10.1.0.0/16", "10.2.0.0/16"));
  EXPECT_TRUE(remarks(Snapshot({old})).empty());
  old.draft = true;
  const auto all = remarks(Snapshot({old}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_NE(all[0].text.find("a rule without protocol answers them"), std::string::npos) << all[0].text;
  old.respond = false;
  EXPECT_TRUE(remarks(Snapshot({old})).empty());
  old.respond = true;
  old.protocol.reset();
  EXPECT_TRUE(remarks(Snapshot({old})).empty());
}

}  // namespace policy_test
