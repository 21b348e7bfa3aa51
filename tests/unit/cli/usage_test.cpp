// The command line itself.
#include <gtest/gtest.h>

#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

TEST(Usage, HelpAndVersionAreGood) {
  const auto help = tedctl({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* command : {"status",  "tunnels", "pending", "peers",  "observe", "counters", "rules",   "history",
                              "watch",   "why",     "report",  "trace",  "reload",  "forget",   "release", "check",
                              "explain", "import",  "decode",  "encode", "pki",     "help"}) {
    EXPECT_NE(help.out.find(std::string("\n  ") + command + " "), std::string::npos) << command;
    const auto own = tedctl({command, "--help"});
    EXPECT_EQ(own.status, 0) << command;
    EXPECT_EQ(tedctl({"help", command}).out, own.out);
  }
  EXPECT_EQ(tedctl({"help"}).out, help.out);
  EXPECT_EQ(tedctl({"help"}).status, 0);
  EXPECT_EQ(tedctl({"help", "pki", "ca"}).out, tedctl({"pki", "ca", "--help"}).out);
  EXPECT_EQ(tedctl({"--version"}).out.substr(0, 7), "tedctl ");
}

TEST(Usage, WhatCannotBeUnderstoodIsTwo) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"stop"},
      {"help", "stop"},
      {"help", "status", "more"},
      {"counters", "more"},
      {"--loud", "status"},
      {"status", "more"},
      {"trace"},
      {"trace", "host"},
      {"trace", "10.0.0.1", "--from", "::1"},
      {"trace", "icmp 10.0.0.1 >"},
      {"trace", "icmp 10.0.0.1:8 > 10.0.0.2:0", "--port", "443"},
      {"trace", "10.0.0.1", "--proto", "nonsense"},
      {"trace", "10.0.0.1", "--port", "65536"},
      {"trace", "10.0.0.1", "--proto", "gre", "--port", "1"},
      {"why"},
      {"why", "10.2.0.7"},
      {"forget"},
      {"forget", "gw"},
      {"check"},
      {"explain", "--flow", "tcp 10.0.0.1 > 10.0.0.2"},
      {"explain", "--config", "x"},
      {"explain", "--config", "x", "--flow", "tcp 10.0.0.1"},
      {"explain", "--config", "x", "--batch", "--flow", "tcp 10.0.0.1 > 10.0.0.2"},
      {"explain", "--config", "x", "--batch", "--dataplane", "magic"},
      {"import"},
      {"import", "x", "--format", "asa"},
      {"import", "x", "-o"},
      {"pki"},
      {"pki", "ca"},
      {"pki", "ca", "--name", "x", "--out", "y", "--blocks", "10.0.0.1/8"},
      {"pki", "ca", "--name", "x", "--out", "y", "--blocks", "10.0.0.0/8,"},
      {"pki", "ca", "--name", "x", "--out", "y", "--days", "0"},
      {"pki", "ca", "--name", "x", "--out", "y", "--key", "rsa"},
      {"pki", "gateway", "--name", "x", "--out", "y"},
      {"pki", "gateway", "--name", "x", "--out", "y", "--ca", "z", "--address", "gw"},
      {"pki", "revoke"},
      {"pki", "show"},
      {"decode"},
      {"decode", "0"},
      {"decode", "xy"},
      {"decode", "00", "-r", "file"},
      {"--socket", std::string(200, 'x'), "status"},
      {"--socket", "", "status"},
  };
  for (const auto& line : lines) {
    const auto outcome = tedctl(line);
    EXPECT_EQ(outcome.status, 2) << (line.empty() ? "" : line.back()) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.substr(0, 8), "tedctl: ");
  }
}

TEST(Usage, AFullDiskIsAnError) {
  EXPECT_EQ(std::system((std::string(OPENTED_TEDCTL) + " decode 00 >/dev/full 2>/dev/null").c_str()) >> 8, 1);
}

TEST(Usage, AMistypedCommandIsNamedWithWhatMayBeMeant) {
  const auto outcome = tedctl({"--socket", "/nowhere", "statsu"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("there is no command 'statsu'"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("did you mean 'status'?"), std::string::npos) << outcome.err;
  EXPECT_NE(tedctl({"--json"}).err.find("tedctl --help names the commands"), std::string::npos);
}

TEST(Usage, WhatHelpIsAskedAboutMayBeMistypedToo) {
  EXPECT_NE(tedctl({"help", "statsu"}).err.find("did you mean 'status'?"), std::string::npos);
  EXPECT_NE(tedctl({"help", "pki", "car"}).err.find("there is no command 'pki car'"), std::string::npos);
}

TEST(Usage, WhatIsMistypedIsNamedWithWhatMayBeMeant) {
  struct Case {
    std::vector<std::string> line;
    std::string named;
    std::string meant;
  };
  const std::string flow = "tcp 10.1.0.5:1 > 10.2.0.7:2";
  const std::vector<Case> cases = {
      {{"status", "--jsn"}, "tedctl status has no option '--jsn'", "did you mean '--json'?"},
      {{"--jsn", "status"}, "tedctl has no option '--jsn'", "did you mean '--json'?"},
      {{"why", "--colour", flow}, "tedctl why has no option '--colour'", "tedctl why --help names its options"},
      {{"explain", "--confg", "x"}, "tedctl explain has no option '--confg'", "did you mean '--config'?"},
      {{"explain", "--confg=x"}, "tedctl explain has no option '--confg'", "did you mean '--config'?"},
      {{"report", "-x"}, "tedctl report has no option '-x'", "'?"},
      {{"pki", "gatway"}, "there is no command 'pki gatway'", "did you mean 'gateway'?"},
      {{"pki", "ca", "--nam", "x"}, "tedctl pki ca has no option '--nam'", "did you mean '--name'?"},
      {{"pki", "--json", "qqqqqqqq"}, "there is no command 'pki qqqqqqqq'", "tedctl pki --help names the commands"},
  };
  for (const auto& [line, named, meant] : cases) {
    const auto outcome = tedctl(line);
    EXPECT_EQ(outcome.status, 2) << named;
    EXPECT_NE(outcome.err.find(named), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(meant), std::string::npos) << outcome.err;
  }
  // Values are no options, and what is missing is still said.
  EXPECT_NE(tedctl({"explain", "--config", "--confg"}).err.find("--flow or --batch"), std::string::npos)
      << tedctl({"explain", "--config", "--confg"}).err;
}

}  // namespace
}  // namespace cli_test
