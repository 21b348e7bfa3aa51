// Whatever goes wrong, tedctl says what to do next: every command with the mistakes that are made most.
#include <algorithm>
#include <gtest/gtest.h>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "control/reply.hpp"
#include "unit/cli/configs.hpp"
#include "unit/cli/fake_daemon.hpp"
#include "unit/cli/hostile.hpp"
#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

/// Each complaint has the way out on a line of its own, set in; a place in a file has it in brackets.
bool has_way_out(const std::string& err) {
  std::istringstream lines(err);
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  if (all.empty()) return false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].find(" lost") != std::string::npos || all[i].find(": LOST: ") != std::string::npos)
      continue;  // findings
    if (all[i].starts_with("        ")) continue;
    const bool below = i + 1 < all.size() && all[i + 1].find_first_not_of(' ') == 8;
    if (!below && !all[i].ends_with(')')) return false;
  }
  return true;
}

std::set<std::string> commands_of(const std::vector<std::string>& above) {
  auto words = above;
  words.emplace_back("--help");
  const std::string help = tedctl(words).out;
  const std::string list = help.substr(std::min(help.find("Subcommands:"), help.size()));
  std::set<std::string> names;
  const std::regex entry("\n  ([a-z]+) ");
  for (std::sregex_iterator at(list.begin(), list.end(), entry); at != std::sregex_iterator(); ++at) {
    names.insert((above.empty() ? "" : above.front() + " ") + (*at)[1].str());
  }
  return names;
}

struct Mistake {
  std::vector<std::string> line;
  std::string input{};
};

std::vector<Mistake> mistakes() {
  const std::string empty = written("way-empty", "");
  const std::string words = written("way-words", "these are words\n");
  const std::string good = written("way-good.toml", kMine);
  const std::string broken = written("way-broken.toml", "[gateway\n");
  const std::string wrong =
      written("way-wrong.toml", "[gateway]\naddreses = 7\n[[rule]]\nname = 3\nlocal = [\"10.1.0.0/99\"]\n");
  const std::string folder = scratch();
  const std::string flow = "tcp 10.1.0.5:40000 > 10.2.0.7:443";
  const std::string ca = folder + "/way-ca";
  (void)tedctl({"pki", "ca", "--name", "x", "--blocks", "10.0.0.0/8", "--out", ca});
  const std::string other = folder + "/way-other";
  (void)tedctl({"pki", "ca", "--name", "y", "--out", other});
  std::vector<Mistake> all = {
      {{"check", "/nowhere/tedd.toml"}},
      {{"check", folder}},
      {{"check", empty}},
      {{"check", words}},
      {{"check", broken}},
      {{"check", wrong}},
      {{"explain", "--config", "/nowhere", "--flow", flow}},
      {{"explain", "--config", broken, "--flow", flow}},
      {{"explain", "--config", good, "--peer", "/nowhere", "--flow", flow}},
      {{"explain", "--config", good, "--flow", "tcp 10.1.0.5 > 10.2.0.7"}},
      {{"explain", "--config", good, "--flow", flow, "--interface", "lan0"}},
      {{"import", "/nowhere"}},
      {{"import", folder}},
      {{"import", words}},
      {{"import", good, "-o", good}},
      {{"import", words, "--format", "ios", "-o", "/nowhere/x"}},
      {{"decode", "xy"}},
      {{"decode", "-r", "/nowhere"}},
      {{"decode", "-r", folder}},
      {{"decode", "-r", empty}},
      {{"decode", "-r", words}},
      {{"encode"}},
      {{"encode"}, "{}"},
      {{"encode"}, "words"},
      {{"encode"}, "[]"},
      {{"encode"}, R"({"kind":"letter","icookie":"0102030405060708","gateway":"192.0.2.1"})"},
      {{"encode"}, R"({"kind":"probe","icookie":"01","gateway":"192.0.2.1"})"},
      {{"encode"}, R"({"kind":"probe","icookie":"0102030405060708","gateway":"gw"})"},
      {{"encode"}, R"({"kind":"probe","icookie":"0102030405060708","gateway":"192.0.2.1","summary":{}})"},
      {{"encode"}, R"({"kind":"probe","icookie":"0000000000000000","gateway":"192.0.2.1","vendor":false})"},
      {{"encode"}, R"({"kind":"probe","icookie":"0102030405060708","gateway":"192.0.2.1","vendor":false,"length":-1})"},
      {{"pki", "show", "/nowhere"}},
      {{"pki", "show", folder}},
      {{"pki", "show", words}},
      {{"pki", "ca", "--name", "x", "--out", ca}},
      {{"pki", "ca", "--name", "x", "--out", words + "/below"}},
      {{"pki", "ca", "--name", std::string(300, 'x'), "--out", folder + "/way-new"}},
      {{"pki", "gateway", "--name", "gw", "--ca", "/nowhere", "--out", folder + "/way-gw"}},
      {{"pki", "gateway", "--name", "gw", "--ca", ca, "--blocks", "172.16.0.0/12", "--out", folder + "/way-gw"}},
      {{"pki", "gateway", "--name", std::string(300, 'x'), "--ca", ca, "--out", folder + "/way-gw"}},
      {{"pki", "revoke", "--ca", "/nowhere"}},
      {{"pki", "revoke", "--ca", ca, "/nowhere"}},
      {{"pki", "revoke", "--ca", ca, words}},
      {{"pki", "revoke", "--ca", ca, other + "/ca.pem"}},
      {{"report", "--from", "/nowhere"}},
      {{"report", "--from", words}},
      {{"report", "--from", empty}},
      {{"status", "--jsn"}},
      {{"statsu"}},
      {{"help", "statsu"}},
      {{"pki"}},
      {std::vector<std::string>{}},
  };
  for (auto line : kQuestions) {
    line.insert(line.begin(), {"--socket", "/nowhere/tedd.sock"});
    all.push_back({line});
  }
  return all;
}

std::string text_of(const std::vector<std::string>& line) {
  std::string text;
  for (const std::string& word : line) text += " " + word.substr(0, 80);
  return text;
}

TEST(WayOut, EveryMistakeEndsInWhatToDoNext) {
  for (const auto& [line, input] : mistakes()) {
    const auto outcome = tedctl(line, input);
    EXPECT_NE(outcome.status, 0) << text_of(line) << ": no mistake any more";
    EXPECT_TRUE(has_way_out(outcome.err)) << "tedctl" << text_of(line) << " < " << input << "\n" << outcome.err;
  }
}

TEST(WayOut, EveryCommandIsAskedAndEveryOneSaysWhatItLacks) {
  std::set<std::string> asked;
  for (const auto& [line, input] : mistakes()) {
    const std::size_t at = !line.empty() && line.front() == "--socket" ? 2 : 0;
    if (line.size() > at) asked.insert(line[at]);
    if (line.size() > at + 1) asked.insert(line[at] + " " + line[at + 1]);
  }
  auto commands = commands_of({});
  commands.merge(commands_of({"pki"}));
  ASSERT_GE(commands.size(), 25U);
  for (const std::string& command : commands) {
    EXPECT_TRUE(asked.contains(command)) << command << " is in no mistake here";
    std::istringstream words(command);
    std::vector<std::string> line{std::istream_iterator<std::string>(words), {}};
    line.emplace_back("--no-such-option");
    EXPECT_TRUE(has_way_out(tedctl(line).err)) << command << "\n" << tedctl(line).err;
  }
}

// A tedd of another version, or something else that listens there.
TEST(WayOut, AnAnswerThatIsNoneEndsInWhatToDoNext) {
  for (const auto& command : kQuestions) {
    for (const std::string answer : {"", "{", "[]\n", "{\"ok\":true,\"data\":7}\n"}) {
      if (command.front() == "watch" && answer.find("data") != std::string::npos) continue;
      FakeDaemon daemon(answer);
      const auto outcome = tedctl(at(daemon.path(), command));
      EXPECT_TRUE(has_way_out(outcome.err)) << command.front() << ": " << answer << "\n" << outcome.err;
    }
  }
}

TEST(WayOut, TheTestSeesWhereThereIsNone) {
  EXPECT_FALSE(has_way_out(""));
  EXPECT_FALSE(has_way_out("tedctl: it is broken\n"));
  EXPECT_FALSE(has_way_out("tedctl: a (b)\ntedctl: it is broken\n"));
  EXPECT_TRUE(has_way_out("tedctl: it is broken\n        mend it\n"));
  EXPECT_TRUE(has_way_out("tedctl: f:1:2: it is broken (mend it)\n"));
}

}  // namespace
}  // namespace cli_test
