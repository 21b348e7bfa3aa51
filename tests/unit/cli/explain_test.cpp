// explain: what becomes of flows, offline.
#include <gtest/gtest.h>

#include "unit/cli/configs.hpp"
#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

std::string mine() {
  return written("mine.toml", kMine);
}
std::string peer() {
  return written("peer.toml", kPeer);
}

TEST(Explain, OnePolicyHasEveryKeyButThePeers) {
  const auto outcome =
      tedctl({"--json", "explain", "--config", mine(), "--flow", "tcp  10.1.0.5:40000 > 10.2.0.7:443"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out.find("peer"), std::string::npos);
  expect_golden("explain-alone.json", outcome.out);
}

TEST(Explain, TwoPoliciesHaveEveryKey) {
  const auto outcome = tedctl(
      {"explain", "--config", mine(), "--peer", peer(), "--flow", "tcp 10.1.0.5:40000 > 10.2.0.7:443", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* key : {"flow", "decision", "rule", "peer_decision", "peer_rule", "proxy", "peer_proxy",
                          "intersection", "empty_because", "selectors", "contains_flow"}) {
    EXPECT_NE(outcome.out.find(std::string("\"") + key + "\":"), std::string::npos) << key;
  }
  expect_golden("explain-pair.json", outcome.out);
}

const std::string kFlows =
    "tcp 10.1.0.5:40000 > 10.2.0.7:443\n"
    "tcp 10.1.0.9:40000 > 10.2.0.7:443\n"
    "tcp 10.1.0.5:40000 > 10.3.0.7:443\n"
    "tcp 10.1.0.5:40000 > 10.66.0.7:80\n"
    "tcp 10.1.200.5:40000 > 10.2.0.7:443\n"
    "tcp 10.4.7.1:1 > 10.5.0.7:2\n"
    "udp 10.9.0.1:1 > 10.9.0.2:2\n"
    "tcp [2001:db8::1]:1 > [2001:db8::2]:2\n"
    "icmp 10.4.7.1:8 > 10.5.0.7:0\n";

TEST(Explain, ABatchAnswersLineByLine) {
  const auto alone = tedctl({"explain", "--config", mine(), "--batch"}, kFlows);
  EXPECT_EQ(alone.status, 0) << alone.err;
  expect_golden("explain-batch-alone.json", alone.out);
  const auto pair = tedctl({"explain", "--config", mine(), "--peer", peer(), "--batch"}, kFlows);
  EXPECT_EQ(pair.status, 0) << pair.err;
  expect_golden("explain-batch-pair.json", pair.out);
}

// Sixty exemptions are more than a response holds; ends that told all would come to another tunnel. In
// tests/scenarios/exchange_test.cpp two engines with these policies bring it up.
TEST(Explain, ReckonsWithWhatAResponseHolds) {
  std::string branch;
  for (int i = 0; i < 60; ++i) {
    const std::string number = std::to_string(i);
    branch += "[[rule]]\nname = \"hole-" + number + "\"\naction = \"bypass\"\nlocal = [\"10.1." + number +
              ".7\"]\nremote = [\"10.2.0." + std::to_string(4 * i + 1) + "\"]\n";
  }
  branch += "[[rule]]\nname = \"branch\"\naction = \"protect\"\nlocal = [\"10.1.0.0/16\"]\nremote = [\"10.0.0.0/8\"]\n";
  const std::string office =
      "[[rule]]\nname = \"dns\"\naction = \"bypass\"\nlocal = [\"10.2.0.53\"]\n"
      "remote = [\"10.1.0.0/16\"]\n[[rule]]\nname = \"office\"\naction = \"protect\"\n"
      "local = [\"10.2.0.0/24\"]\nremote = [\"10.1.0.0/16\"]\n";
  const auto here =
      tedctl({"--json", "explain", "--config", written("branch.toml", config_with(branch)), "--peer",
              written("office.toml", config_with(office)), "--flow", "udp 10.1.0.10:40000 > 10.2.0.10:53"});
  ASSERT_EQ(here.status, 0) << here.err;
  EXPECT_NE(here.out.find("\"remote\":\"10.2.0.0/27\""), std::string::npos);
  EXPECT_EQ(here.out.find("\"remote\":\"10.2.0.128/25\""), std::string::npos) << "what ends that told all would have";
}

TEST(Explain, ABatchGoesOnBehindALineThatIsNoFlow) {
  const auto outcome =
      tedctl({"explain", "--config", mine(), "--batch"}, "nonsense\n\nudp 10.9.0.1:1 > 10.9.0.2:2\r\ntcp \"x\"");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out.substr(0, 30), R"({"flow":"nonsense","error":"'n)");
  EXPECT_NE(outcome.out.find("\n{\"flow\":\"\",\"error\":"), std::string::npos);
  EXPECT_NE(outcome.out.find("\n{\"flow\":\"udp 10.9.0.1:1 > 10.9.0.2:2\",\"decision\":\"bypass\",\"rule\":null,"),
            std::string::npos);
  EXPECT_NE(outcome.out.find("\n{\"flow\":\"tcp \\\"x\\\"\",\"error\":"), std::string::npos);
}

TEST(Explain, TellsPeopleWhy) {
  std::string text;
  std::string flows = kFlows;
  while (!flows.empty()) {
    const std::string flow = flows.substr(0, flows.find('\n'));
    flows.erase(0, flow.size() + 1);
    text += tedctl({"explain", "--config", mine(), "--peer", peer(), "--flow", flow}).out + "\n";
  }
  expect_golden("explain.txt", text);
}

TEST(Explain, TheDataPlaneDecidesAboutRanges) {
  const auto ports = written("ports.toml", config_with(R"([[rule]]
name = "range"
action = "protect"
local = ["10.1.0.0/16"]
remote = ["10.2.0.0/16"]
protocol = "tcp"
remote_port = "1000-2000"
)"));
  const std::vector<std::string> question{"--json", "explain", "--config",
                                          ports,    "--flow",  "tcp 10.1.0.5:40000 > 10.2.0.7:1500"};
  auto userspace = question;
  userspace.insert(userspace.end(), {"--dataplane", "userspace"});
  EXPECT_NE(tedctl(userspace).out.find(R"("selectors":[{"protocol":6,"local":"10.1.0.0/16","remote":"10.2.0.0/16",)"
                                       R"("local_port":[0,65535],"remote_port":[1000,2000]}])"),
            std::string::npos);
  auto kernel = question;
  kernel.insert(kernel.end(), {"--dataplane", "kernel"});
  EXPECT_EQ(tedctl(kernel).out, tedctl(question).out);
  EXPECT_NE(tedctl(kernel).out.find(R"("remote_port":[1024,1535]})"), std::string::npos) << tedctl(kernel).out;
}

TEST(Explain, TheSameFileAtBothEndsMeansEachOnesInterface) {
  const auto same = written("same.toml", config_with(R"([[rule]]
name = "sites"
action = "protect"
local = ["interface:lan0"]
remote = ["10.0.0.0/8"]
)"));
  std::vector<std::string> question{"--json",      "explain",
                                    "--config",    same,
                                    "--peer",      same,
                                    "--interface", "lan0=10.1.0.0/16,10.5.0.0/16",
                                    "--flow",      "tcp 10.5.0.5:40000 > 10.2.0.7:443"};
  const auto half = tedctl(question);
  EXPECT_EQ(half.status, 1);
  EXPECT_TRUE(half.err.contains("--peer-interface lan0=")) << half.err;
  question.insert(question.end(), {"--peer-interface", "lan0=10.2.0.0/16"});
  const auto both = tedctl(question);
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_TRUE(both.out.contains(R"("intersection":{"protocol":"any","local":"10.5.0.0/16","remote":"10.2.0.0/16")"))
      << both.out;
}

TEST(Explain, ABadConfigurationIsOneErrorALine) {
  const auto bad = written("bad.toml", config_with("[[rule]]\nname = \"x\"\naction = \"maybe\"\n"));
  const auto outcome = tedctl({"explain", "--config", mine(), "--peer", bad, "--batch"}, kFlows);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("bad.toml:"), std::string::npos) << outcome.err;
  EXPECT_EQ(tedctl({"explain", "--config", scratch() + "/absent.toml", "--batch"}, kFlows).status, 1);
}

}  // namespace
}  // namespace cli_test
