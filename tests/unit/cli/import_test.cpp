// `tedctl import`: rules out, findings on standard error, and the exit status that says whether something was lost.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

std::string sample(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(OPENTED_TESTS_DIR "/unit/migrate/data/" + name).rdbuf();
  return std::move(text).str();
}

std::string without_directory(std::string text) {
  const std::string directory = scratch() + "/";
  for (auto at = text.find(directory); at != std::string::npos; at = text.find(directory))
    text.erase(at, directory.size());
  return text;
}

const std::string kGood =
    "access-list 101 permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255\ncrypto map M 1 ipsec-isakmp\n match address "
    "101\n";

TEST(Import, WhatItMakesIsTakenByCheck) {
  for (const std::string name : {"branch.ios", "sites.swanctl"}) {
    const auto file = written(name, sample(name));
    const auto outcome = tedctl({"import", file});
    EXPECT_EQ(outcome.status, 1) << "something of it is lost: " << outcome.err;
    expect_golden("import-" + name + ".txt", without_directory(outcome.out));
    expect_golden("import-" + name + ".findings.txt", without_directory(outcome.err));
    const auto check = tedctl({"check", written(name + ".toml", outcome.out)});
    EXPECT_EQ(check.status, 0) << check.err;
    const auto json = tedctl({"--json", "import", file});
    EXPECT_EQ(json.status, 1);
    EXPECT_EQ(json.err, "");
    expect_golden("import-" + name + ".json", without_directory(json.out));
  }
}

TEST(Import, AFileThatIsNeitherIsRefused) {
  for (const std::string text :
       {"", "nothing of the kind\n", "conn site\n  left=192.0.2.1\n", "[gateway]\naddresses = []\n"}) {
    const auto file = written("neither", text);
    const auto outcome = tedctl({"import", file});
    EXPECT_EQ(outcome.status, 1) << text;
    EXPECT_EQ(outcome.out, "") << text;
    EXPECT_NE(outcome.err.find(file + " is neither an IOS configuration nor a swanctl.conf"), std::string::npos)
        << outcome.err;
  }
  const auto said = tedctl({"import", "--format", "ios", written("neither", "nothing\n")});
  EXPECT_NE(said.err.find("no crypto map"), std::string::npos) << "who says which it is, is believed: " << said.err;
}

TEST(Import, AFileThatIsNotThereSaysWhatToGive) {
  const auto outcome = tedctl({"import", "/nope"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("/nope cannot be read: No such file"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("show running-config"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("tedd.toml"), std::string::npos) << outcome.err;
}

TEST(Import, NothingLostIsZero) {
  const auto outcome = tedctl({"import", "-"}, kGood);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("remote = [\"10.2.0.0/16\"]"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("1 rule, nothing of what protects or exempts traffic lost"), std::string::npos)
      << outcome.err;
}

TEST(Import, TheFormatIsSeenOrSaid) {
  const std::string swanctl =
      "connections\n{ c { children { k { local_ts = 10.1.0.0/16\n remote_ts = 10.2.0.0/16\n} } } }\n";
  EXPECT_EQ(tedctl({"import", "-"}, swanctl).status, 0);
  EXPECT_EQ(tedctl({"import", "-", "--format", "swanctl"}, swanctl).status, 0);
  EXPECT_NE(tedctl({"import", "-", "--format", "ios"}, swanctl).err.find("no crypto map"), std::string::npos);
  EXPECT_NE(tedctl({"import", "-", "--format", "swanctl"}, kGood).err.find("no connections"), std::string::npos);
}

TEST(Import, WritesANewFileAndLeavesOthersAlone) {
  const std::string path = scratch() + "/new.toml";
  const auto outcome = tedctl({"import", "-", "-o", path}, kGood);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(tedctl({"check", path}).status, 0);
  const auto again = tedctl({"import", "-", "--output", path}, kGood);
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.err.find("give another name"), std::string::npos) << again.err;
  EXPECT_EQ(tedctl({"import", "-", "-o", scratch() + "/no/such/folder"}, kGood).status, 1);
  EXPECT_EQ(tedctl({"import", scratch() + "/not-there"}).status, 1);
}

/// The example of the guide, as it stands there.
TEST(ImportDocument, ItsExampleIsWhatTedctlAnswers) {
  std::ostringstream stream;
  stream << std::ifstream(OPENTED_TESTS_DIR "/../docs/import.md").rdbuf();
  const std::string text = stream.str();
  std::size_t at = 0;
  const auto between = [&](const std::string& begin) {
    const auto from = text.find(begin, at);
    const auto to = text.find("```", from == std::string::npos ? from : from + begin.size());
    EXPECT_NE(to, std::string::npos) << begin;
    at = to;
    return to == std::string::npos ? std::string() : text.substr(from + begin.size(), to - from - begin.size());
  };
  const auto file = written("branch.cfg", between("```text\n"));
  const auto outcome = tedctl({"import", file});
  EXPECT_EQ(without_directory(outcome.out), between("```toml\n"));
  EXPECT_EQ(without_directory(outcome.err), between("```text\n"));
  EXPECT_EQ(outcome.status, 1);
}

}  // namespace
}  // namespace cli_test
