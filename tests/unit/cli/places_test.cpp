// Places that take nothing, input without end, files that are no text, and terminals of any size.
#include <filesystem>
#include <gtest/gtest.h>

#include "control/json.hpp"
#include "control/reply.hpp"
#include "unit/cli/configs.hpp"
#include "unit/cli/fake_daemon.hpp"
#include "unit/cli/hostile.hpp"
#include "unit/cli/on_terminal.hpp"

namespace cli_test {
namespace {

using namespace std::string_literals;

using control::Reply;

TEST(Hostile, AClosedStandardOutputIsNoPlaceForAnAnswer) {
  const std::string tedctl_path = OPENTED_TEDCTL;
  FakeDaemon daemon("{\"ok\":true,\"data\":[]}\n");
  const auto outcome = shell(tedctl_path + " --socket " + daemon.path() + " tunnels 3>&1 >&-");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.out.find("could not be written"), std::string::npos) << outcome.out;
  EXPECT_EQ(daemon.request(), R"({"command":"tunnels"})");
  EXPECT_EQ(shell(tedctl_path + " decode 00 >&- 2>&- <&-").status, 1);
  EXPECT_EQ(shell(tedctl_path + " check " + written("mine.toml", kMine) + " >/dev/full").status, 1);
  EXPECT_EQ(shell(tedctl_path + " --json check " + written("mine.toml", kMine) + " >/dev/full").status, 1);
  const std::string recorded = std::string(OPENTED_TESTS_DIR) + "/golden/cli/report.json";
  EXPECT_EQ(shell(tedctl_path + " report --from " + recorded + " >/dev/full").status, 1);
  EXPECT_EQ(shell(tedctl_path + " report --from " + recorded + " -o /dev/full").status, 1);
}

/// With a standard error that is closed, what is opened next must not be it: an error would be written into that file.
TEST(Hostile, AClosedStandardErrorIsNoFileOfOurs) {
  const std::string page = scratch() + "/page.html";
  const std::string recorded = std::string(OPENTED_TESTS_DIR) + "/golden/cli/report.json";
  EXPECT_EQ(shell(std::string(OPENTED_TEDCTL) + " report --from " + recorded + " -o " + page + " 2>&-").status, 0);
  EXPECT_EQ(shell(std::string(OPENTED_TEDCTL) + " import " + recorded + " -o " + page + ".toml <&- >&- 2>&-").status,
            1);
  EXPECT_FALSE(std::filesystem::exists(page + ".toml"));
}

TEST(Hostile, AReaderThatHasSeenEnoughEndsItQuietly) {
  std::string flows;
  for (int i = 0; i < 20'000; ++i) flows += "tcp 10.1.0.5:40000 > 10.2.0.7:443\n";
  const std::string line = std::string(OPENTED_TEDCTL) + " explain --batch --config " + written("mine.toml", kMine) +
                           " < " + written("flows", flows) + " | head -n 1";
  const auto outcome = shell(line);
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 1) << outcome.out.substr(0, 1000);
}

TEST(Hostile, FilesThatAreNoTextAreSaidSoInText) {
  const std::string bytes = "\xff\xfe[\0gateway]\x1b[2J\naddresses = [\"\xc3\x28\x9b\"]\n"s;
  for (const std::string& content : {bytes, kMine + "\n# caf\xe9\n", kMine + "\nx = \"\x1b[2J\xe9\"\n"}) {
    const auto file = written("odd.toml", content);
    const auto text = tedctl({"check", file});
    EXPECT_EQ(text.status, 1);
    EXPECT_NE(text.err, "");
    EXPECT_EQ(acting(text.out + text.err), "") << text.err;
    const auto json = tedctl({"--json", "check", file});
    EXPECT_EQ(json.status, 1);
    EXPECT_EQ(acting(json.out + json.err), "") << json.out;
    EXPECT_TRUE(control::Json::parse(json.out.substr(0, json.out.size() - 1), 1 << 20)) << json.out;
    EXPECT_EQ(tedctl({"explain", "--config", file, "--flow", kFlow.text()}).status, 1);
  }
  // Routers have remarks in whatever the terminal sent.
  const std::string router =
      "access-list 101 permit frob\x1b[2J\xe9 any any\ncrypto map M 1 ipsec-isakmp\n match address 101\n set caf\xe9\n";
  for (const char* json : {"--json", ""}) {
    std::vector<std::string> words{"import", written("router", router)};
    if (*json != '\0') words.emplace_back(json);
    const auto imported = tedctl(words);
    EXPECT_EQ(imported.status, 1);
    EXPECT_EQ(acting(imported.out + imported.err), "") << imported.out << imported.err;
  }
}

// Half a gigabyte stands for what has no end: all of it would be taken in by who has no bound.
TEST(Hostile, InputWithoutEndIsRefused) {
  const std::string endless = "head -c 500000000 /dev/zero | " + std::string(OPENTED_TEDCTL);
  for (const char* command : {" import -", " report --from -", " encode"}) {
    const auto outcome = shell(endless + command);
    EXPECT_EQ(outcome.status, 1) << command << outcome.out.substr(0, 200);
    EXPECT_NE(outcome.out.find("is longer than"), std::string::npos) << command << outcome.out.substr(0, 200);
  }
  const auto lines = shell(endless + " explain --batch --config " + written("mine.toml", kMine));
  EXPECT_EQ(lines.status, 1) << lines.out.substr(0, 200);
  EXPECT_EQ(std::ranges::count(lines.out, '\n'), 1) << lines.out.substr(0, 200);
  EXPECT_LT(lines.out.size(), 100'000U);
}

std::size_t longest_of(const std::string& shown) {
  std::size_t most = 0;
  std::size_t begin = 0;
  for (auto end = shown.find("\r\n"); end != std::string::npos; end = shown.find("\r\n", begin)) {
    most = std::max(most, end - begin);
    begin = end + 2;
  }
  EXPECT_GT(most, 0);
  return most;
}

TEST(OnATerminal, WordsOfAnswersFitIt) {
  const auto longest = [](const std::vector<std::string>& command, control::Data data) {
    FakeDaemon daemon(encode(Reply::success(std::move(data))) + "\n");
    std::vector<std::string> all{"--socket", daemon.path()};
    all.insert(all.end(), command.begin(), command.end());
    OnTerminal terminal(all, "1", 60);
    EXPECT_EQ(terminal.status(), 0);
    return longest_of(terminal.shown());
  };
  const std::string words = "words and words and words and words and words and words and words and words and words";
  control::Status status;
  status.state = "running";
  status.guard = "in force";
  status.openings = 2;
  status.reload_error = words;
  EXPECT_LE(longest({"status"}, status), 60);
  EXPECT_LE(longest({"rules"}, std::vector{control::RuleInfo{"web", "protect", {}, true, true, "block", "drop", 7}}),
            60);
  EXPECT_LE(longest({"history"}, control::History{0, {{"TED-TUNNEL-UP", kTime, words, "web", {}, {}, {}, {}}}}), 60);
  const auto flow = base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443").value();
  const control::Why why{.flow = flow,
                         .verdict = "open",
                         .rule = {},
                         .because = {words},
                         .tunnels = {},
                         .pending = {},
                         .steps = {{"TED-TUNNEL-UP", kTime, words, {}}},
                         .advice = {words}};
  EXPECT_LE(longest({"why", flow.text()}, why), 60);
}

TEST(OnATerminal, WordsOfCheckAndImportFitIt) {
  const auto rule = [](const char* name) {
    return std::string("[[rule]]\nname = \"") + name +
           "\"\naction = \"protect\"\nlocal = [\"10.1.0.0/16\"]\nremote = [\"10.0.0.0/8\"]\n\n";
  };
  std::filesystem::current_path(scratch());  // short names: a path is one word
  (void)written("odd.toml", config_with(rule("first") + rule("again") + rule("third")));
  OnTerminal check({"check", "odd.toml"}, "1", 60);
  EXPECT_EQ(check.status(), 0);
  EXPECT_LE(longest_of(check.shown()), 60) << check.shown();
  (void)written("bad.toml",
                config_with("[[rule]]\nname = \"x\"\naction = \"protect\"\nlocal = [\"any\"]\nremotes = [\"any\"]\n"));
  OnTerminal bad({"check", "bad.toml"}, "1", 60);
  EXPECT_EQ(bad.status(), 1);
  EXPECT_LE(longest_of(bad.shown()), 60) << bad.shown();
  (void)written("router.cfg",
                "crypto map M 1 ipsec-isakmp\n set peer 192.0.2.1\n match address 101\n set pfs group2\n");
  OnTerminal import({"import", "router.cfg", "-o", "made.toml"}, "1", 60);
  EXPECT_EQ(import.status(), 1);
  EXPECT_LE(longest_of(import.shown()), 60) << import.shown();
}

// No size of a terminal ends it, or has it print for ever.
TEST(OnATerminal, OneCharacterIsEnoughToLiveOn) {
  for (const auto& [name, data] : saying("some words that are longer than that")) {
    const auto command = *std::ranges::find_if(kQuestions, [&](const auto& one) { return one.front() == name; });
    if (name == "trace") continue;  // it watches as well
    FakeDaemon daemon(encode(Reply::success(data)) + "\n");
    OnTerminal terminal(at(daemon.path(), command), nullptr, 1, 1);
    EXPECT_GE(terminal.status(), 0) << name;
    EXPECT_LT(terminal.shown().size(), 100'000U) << name;
  }
}

}  // namespace
}  // namespace cli_test
