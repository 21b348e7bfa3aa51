// What meets tedctl that nobody meant well: answers of something else than tedd, and what peers say of themselves.
#include "unit/cli/hostile.hpp"

#include <gtest/gtest.h>

#include "cli/report_data.hpp"
#include "cli/report_page.hpp"
#include "control/json.hpp"
#include "control/reply.hpp"
#include "unit/cli/fake_daemon.hpp"

namespace cli_test {
namespace {

using namespace std::string_literals;
using control::Reply;

TEST(Hostile, AnswersThatAreNoneEndWithAnError) {
  std::string deep = "{\"ok\":true,\"data\":";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  const std::vector<std::string> answers = {"",
                                            "\n",
                                            "\0\0\n"s,
                                            "\xff\xfe\x1b[2J\n",
                                            "[]\n",
                                            "{}\n",
                                            "{\"ok\":1}\n",
                                            "{\"ok\":true,\"data\":7}\n",
                                            "{\"ok\":true,\"data\":[7]}\n",
                                            "{\"ok\":true,\"data\":{\"\\u001b[2J\":\"\\u0000\"}}\n",
                                            "{\"ok\":false}\n",
                                            "{\"ok\":false,\"error\":{\"message\":7,\"hint\":[]}}\n",
                                            "{\"ok\":true,\"data\":\"\0\"}\n"s,
                                            deep + "\n"};
  for (const auto& command : kQuestions) {
    for (const std::string& answer : answers) {
      if (command.front() == "watch" && answer.find("\"data\"") != std::string::npos)
        continue;  // it is told nothing there
      if (command.front() == "counters" && answer.find("001b") != std::string::npos) continue;
      FakeDaemon daemon(answer);
      const auto outcome = tedctl(at(daemon.path(), command));
      EXPECT_TRUE(outcome.status == 1 || outcome.status == 3) << command.front() << ": " << answer.substr(0, 60);
      EXPECT_EQ(outcome.out, "") << command.front() << ": " << answer.substr(0, 60);
      EXPECT_NE(outcome.err, "") << command.front() << ": " << answer.substr(0, 60);
      EXPECT_EQ(acting(outcome.err), "") << command.front() << ": " << answer.substr(0, 60);
    }
  }
}

TEST(Hostile, AnAnswerWithoutEndIsNotTakenForEver) {
  FakeDaemon daemon(std::string(control::kMaxReplyLine + (1U << 20), '['));
  const auto outcome = tedctl({"--socket", daemon.path(), "tunnels"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err.find("tedctl: tedd sends a line without an end\n        "), 0U) << outcome.err;
}

// What a peer calls itself, and what is said of it, comes into nearly every answer.
TEST(Hostile, NoTextReachesATerminalAsAnythingButText) {
  const std::string evil =
      "a\x1b]0;x\x07\x1b[2J\xc2\x9b"
      "31m\u202egnp.\u2066\x7f\rb";
  const auto harmless = saying("ab");
  for (const auto& [name, data] : saying(evil)) {
    const auto command = *std::ranges::find_if(kQuestions, [&](const auto& one) { return one.front() == name; });
    for (const bool json : {false, true}) {
      const auto ask = [&](const control::Data& answer) {
        FakeDaemon daemon(encode(Reply::success(answer)) + "\n");
        auto words = at(daemon.path(), command);
        if (json) words.emplace_back("--json");
        return tedctl(words);
      };
      const auto told = ask(data);
      EXPECT_EQ(acting(told.out + told.err), "") << name << ": " << told.out;
      EXPECT_NE(told.out, "") << name << told.err;
      const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
      EXPECT_EQ(lines(told.out), lines(ask(harmless.at(name)).out)) << name << told.out;
      if (!json) continue;
      const auto parsed = control::Json::parse(told.out.substr(0, told.out.size() - 1), 1 << 20);
      ASSERT_TRUE(parsed) << name;
      EXPECT_EQ(parsed->dump(), data_json(data).dump()) << name;
    }
  }
  FakeDaemon refusing(encode(Reply::failure({evil, evil})) + "\n");
  EXPECT_EQ(acting(tedctl({"--socket", refusing.path(), "status"}).err), "");
}

// A line feed in what a peer says must not make the rest look like something that tedctl says.
TEST(Hostile, NoTextBeginsALineOfItsOwn) {
  const std::string evil = "a\nFORGED\rFORGED";
  for (const auto& [name, data] : saying(evil)) {
    const auto command = *std::ranges::find_if(kQuestions, [&](const auto& one) { return one.front() == name; });
    FakeDaemon daemon(encode(Reply::success(data)) + "\n");
    const auto told = tedctl(at(daemon.path(), command));
    EXPECT_NE(told.out.find("FORGED"), std::string::npos) << name << told.out;
    EXPECT_FALSE(told.out.starts_with("FORGED")) << name;
    EXPECT_EQ(told.out.find("\nFORGED"), std::string::npos) << name << ": " << told.out;
  }
  const std::string event = encode(control::Event{"TED-TUNNEL-UP", kTime, evil, {{"peer", evil}}}) + "\n";
  FakeDaemon watched(encode(Reply::success({})) + "\n" + event);
  const auto told = tedctl({"--socket", watched.path(), "watch"});
  EXPECT_EQ(std::ranges::count(told.out, '\n'), 1) << told.out;
}

// The page is opened in a browser, and its names are those of others.
TEST(Hostile, NoTextIsMarkupInThePageOfAReport) {
  const std::string evil = "x'\"><script>alert(1)</script><img src=x onerror=alert(1)>&lt;--]]>\xff\x1b\u202e";
  const auto answers = saying(evil);
  const auto get = [&]<class T>(const char* name, T& into) { into = std::get<T>(answers.at(name)); };
  cli::ReportData data;
  get("status", data.status);
  get("tunnels", data.tunnels);
  get("pending", data.pending);
  get("peers", data.peers);
  get("rules", data.rules);
  const auto tell = [&](const char* id, std::optional<std::string> rule) {
    data.history.happenings.push_back({id, kTime, evil, std::move(rule), kFlow, kPeerAddress, 7, {}});
  };
  for (const char* id :
       {"TED-DISCOVERY-STARTED", "TED-RESPONSE-ACCEPTED", "TED-DISCOVERY-FAILED", "TED-TUNNEL-UP", "TED-TUNNEL-REKEYED",
        "TED-TUNNEL-LOST", "TED-TUNNEL-DOWN", "TED-TUNNEL-UP", "TED-TUNNEL-DOWN"}) {
    tell(id, evil);
  }
  tell(evil.c_str(), evil);
  const std::string page = cli::report_page(data);
  EXPECT_EQ(acting(page), "");
  EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("x'\""), std::string::npos) << "attributes stand in quotes";
}

}  // namespace
}  // namespace cli_test
