// The rule that would take a flow but for one part.
#include "policy/near_miss.hpp"

#include <gtest/gtest.h>

#include "unit/policy/build.hpp"

namespace policy_test {

using policy::NearMiss;
using policy::RuleIndex;
using policy::Snapshot;

namespace {

std::string miss(const policy::Rule& rule, const std::string& of) {
  const auto found = policy::near_miss(Snapshot({rule}), flow(of));
  return found ? found->part : "none";
}

}  // namespace

TEST(NearMiss, NamesThePartWithBothValues) {
  const auto web = protect("web", box("tcp", "10.1.0.0/16", "10.2.0.0/24", "1024-65535", "443"));
  EXPECT_EQ(miss(web, "tcp 10.9.0.1:2000 > 10.2.0.7:443"), "local: 10.1.0.0/16 does not hold 10.9.0.1");
  EXPECT_EQ(miss(web, "tcp 10.1.0.1:2000 > 10.2.1.7:443"), "remote: 10.2.0.0/24 does not hold 10.2.1.7");
  EXPECT_EQ(miss(web, "udp 10.1.0.1:2000 > 10.2.0.7:443"), "protocol: tcp is not udp");
  EXPECT_EQ(miss(web, "tcp 10.1.0.1:80 > 10.2.0.7:443"), "local port: 1024-65535 does not hold 80");
  EXPECT_EQ(miss(web, "tcp 10.1.0.1:2000 > 10.2.0.7:80"), "remote port: 443 does not hold 80");
}

TEST(NearMiss, CallsIcmpPartsByTheirNames) {
  const auto ping = protect("ping", box("icmp", "10.1.0.0/16", "10.2.0.0/16", "8", "0"));
  EXPECT_EQ(miss(ping, "icmp 10.1.0.1:13 > 10.2.0.1:0"), "ICMP type: 8 does not hold 13");
  EXPECT_EQ(miss(ping, "icmp 10.1.0.1:8 > 10.2.0.1:1"), "ICMP code: 0 does not hold 1");
}

TEST(NearMiss, IsNoneWhenSeveralPartsDifferOrNoneDoes) {
  const auto web = protect("web", box("tcp", "10.1.0.0/16", "10.2.0.0/24", "any", "443"));
  EXPECT_EQ(miss(web, "udp 10.1.0.1:2000 > 10.2.0.7:53"), "none");
  EXPECT_EQ(miss(web, "tcp 10.9.0.1:2000 > 10.9.0.7:443"), "none");
  EXPECT_EQ(miss(web, "tcp 10.1.0.1:2000 > 10.2.0.7:443"), "none") << "it takes the flow";
  EXPECT_EQ(miss(web, "tcp [2001:db8::1]:2000 > [2001:db8::2]:443"), "none") << "two parts of another family";
}

TEST(NearMiss, IsTheFirstOfProtectRules) {
  const auto exempt = bypass("exempt", box("any", "10.1.0.0/16", "10.3.0.0/16"));
  const auto far = protect("far", box("tcp", "10.8.0.0/16", "10.3.0.0/16"));
  const auto first = protect("first", box("any", "10.1.0.0/16", "10.3.0.0/16"));
  const auto second = protect("second", box("any", "10.1.0.0/16", "10.4.0.0/16"));
  EXPECT_EQ(policy::near_miss(Snapshot({exempt, far, first, second}), flow("udp 10.1.0.1:1 > 10.2.0.1:1")),
            (NearMiss{RuleIndex{2}, "remote: 10.3.0.0/16 does not hold 10.2.0.1"}));
  EXPECT_EQ(policy::near_miss(Snapshot({exempt}), flow("udp 10.1.0.1:1 > 10.2.0.1:1")), std::nullopt);
}

TEST(NearMiss, NamesAFewAddressesAndCountsTheRest) {
  auto sites = protect("sites", box("any", "10.1.0.0/16", "10.2.0.0/16"));
  for (const char* more : {"10.3.0.0/16", "10.4.0.0/16", "10.5.0.0/16", "10.6.0.0/16", "10.7.0.0/16"}) {
    sites.remote.push_back(addresses(more));
  }
  EXPECT_EQ(miss(sites, "udp 10.1.0.1:1 > 10.9.0.1:1"),
            "remote: 10.2.0.0/16, 10.3.0.0/16, 10.4.0.0/16, 10.5.0.0/16 and 2 more do not hold 10.9.0.1");
}

TEST(NearMiss, GivesUpAfterManyAddresses) {
  auto crowd = protect("crowd", box("udp", "10.9.0.0/16", "10.9.0.0/16"));
  crowd.local.assign(1U << 12, addresses("10.9.0.1"));
  crowd.local.push_back(addresses("10.9.0.2"));
  std::vector<policy::Rule> rules(256, crowd);
  for (auto& rule : rules) rule.remote.assign(1, addresses("10.9.0.0/16"));
  const auto near = protect("near", box("any", "10.1.0.0/16", "10.3.0.0/16"));
  rules.push_back(near);
  EXPECT_FALSE(policy::near_miss(Snapshot(rules), flow("tcp 10.1.0.1:1 > 10.2.0.1:1"))) << "behind 2^20 addresses";
  rules.insert(rules.begin(), near);
  EXPECT_TRUE(policy::near_miss(Snapshot(rules), flow("tcp 10.1.0.1:1 > 10.2.0.1:1")));
}

}  // namespace policy_test
