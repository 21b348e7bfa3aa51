// `tedctl report`: what is put together from the history, the page of recorded answers, and that nothing that a peer
// says is more than text in it.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "cli/report_course.hpp"
#include "cli/report_data.hpp"
#include "cli/report_life.hpp"
#include "cli/report_page.hpp"
#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

const std::string kRecorded = std::string(OPENTED_TESTS_DIR) + "/golden/cli/report.json";

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}
cli::ReportData recorded() {
  return cli::report_data_of(content(kRecorded)).value();
}

TEST(Report, IsThePageOfWhatWasRecorded) {
  const auto page = tedctl({"report", "--from", kRecorded});
  EXPECT_EQ(page.status, 0) << page.err;
  expect_golden("report.html", page.out);
  EXPECT_EQ(page.out.find("<script"), std::string::npos);
  EXPECT_EQ(page.out.find("onload=\""), std::string::npos);

  const std::string file = scratch() + "/page.html";
  EXPECT_EQ(tedctl({"report", "--from", kRecorded, "-o", file}).out, "");
  EXPECT_EQ(content(file), page.out);
}

TEST(Report, WhatJsonWritesIsWhatFromReads) {
  const auto again = cli::report_data_of(tedctl({"report", "--json", "--from", "-"}, content(kRecorded)).out);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, recorded());
}

TEST(Report, WhatCannotBeReadOrWrittenIsSaid) {
  EXPECT_EQ(tedctl({"report", "--from", scratch() + "/none"}).status, 1);
  EXPECT_NE(tedctl({"report", "--from", written("bad", "{\"status\":{}}")}).err.find("status: version"),
            std::string::npos);
  EXPECT_NE(tedctl({"report", "--from", kRecorded, "-o", scratch() + "/no/page"}).err.find("could not be written"),
            std::string::npos);
  EXPECT_EQ(tedctl({"report", "--socket", scratch() + "/nobody"}).status, 3);
}

TEST(Report, AnIdleGatewayHasAPageToo) {
  const std::string page = cli::report_page({});
  for (const char* text : {"No peer is known, and no tunnel stands.", "There was none.", "No tunnel has come up."}) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  }
}

TEST(Report, AGatewayThatOnlyObservesIsNotCalledBroken) {
  cli::ReportData data;
  data.status.mode = "observe";
  data.status.state = "running";
  data.status.guard = "down";
  const std::string page = cli::report_page(data);
  EXPECT_NE(page.find("✓ running, and only observes: nothing is protected."), std::string::npos);
  EXPECT_EQ(page.find("✗"), std::string::npos);
}

TEST(Courses, EachDiscoveryFromItsFirstPacketToItsEnd) {
  const auto courses = cli::courses_of(recorded().history);
  ASSERT_EQ(courses.size(), 7U);
  using End = cli::Course::End;
  EXPECT_EQ(courses[0].end, End::kOpen);
  EXPECT_EQ(courses[1].end, End::kFailed);
  EXPECT_EQ(courses[1].reason, "no gateway answered");
  EXPECT_EQ(courses[1].steps.size(), 6U);  // the bypass that opened is one
  EXPECT_EQ(courses[2].end, End::kTrace);
  EXPECT_EQ(courses[3].end, End::kFailed);
  EXPECT_EQ(courses[3].peer->text(), "203.0.113.5");
  EXPECT_EQ(courses[3].steps.back().id, "TED-HOLD-DOWN-ENDED");
  EXPECT_EQ(courses[4].end, End::kTunnel);
  EXPECT_EQ(courses[5].end, End::kTunnel);
  EXPECT_EQ(courses[6].steps.size(), 3U);
}

TEST(Courses, WhatIsOnlyObservedEndsWithWhatWouldCome) {
  control::History history = recorded().history;
  history.happenings.resize(3);
  history.happenings[2].id = "TED-WOULD-PROTECT";
  history.happenings[2].flow = history.happenings[0].flow;
  const auto courses = cli::courses_of(history);
  ASSERT_EQ(courses.size(), 1U);
  EXPECT_EQ(courses[0].end, cli::Course::End::kObserved);
  EXPECT_NE(cli::draw_course(courses[0]).find("✓ would be protected"), std::string::npos);
}

TEST(Courses, ATraceThatWasAnsweredShowsTheAnswer) {
  control::History history = recorded().history;
  const auto asked = std::ranges::find_if(
      history.happenings, [](const auto& one) { return one.id == "TED-DISCOVERY-STARTED" && !one.rule; });
  ASSERT_NE(asked, history.happenings.end());
  EXPECT_NE(cli::draw_course(cli::courses_of({.forgotten = 0, .happenings = {*asked}}).at(0)).find("no answer so far"),
            std::string::npos);
  control::Happening answered = *asked;
  answered.id = "TED-RESPONSE-ACCEPTED";
  answered.peer = base::Address::parse("2001:db8:77::9").value();
  answered.time += std::chrono::milliseconds(12);
  const auto courses = cli::courses_of({.forgotten = 0, .happenings = {*asked, answered}});
  ASSERT_EQ(courses.size(), 1U);
  EXPECT_EQ(courses[0].end, cli::Course::End::kTrace);
  const std::string drawn = cli::draw_course(courses[0]);
  for (const char* text : {"◇ trace, answered", ">answer<", "2001:db8:77::9", "<time>12 ms</time>"}) {
    EXPECT_NE(drawn.find(text), std::string::npos) << text << "\n" << drawn;
  }
}

TEST(Courses, ATunnelForOtherFlowsEndsNone) {
  control::History history = recorded().history;
  std::erase_if(history.happenings, [](const auto& one) { return one.tunnel && *one.tunnel != 3; });
  EXPECT_EQ(cli::courses_of(history).back().end, cli::Course::End::kOpen);
}

TEST(Lives, SayWhyATunnelWent) {
  const auto lives = cli::lives_of(recorded());
  ASSERT_EQ(lives.size(), 6U);
  EXPECT_EQ(lives[0].standing, 3U);
  EXPECT_TRUE(lives[1].refused);
  EXPECT_NE(lives[1].why.find("policy does not protect"), std::string::npos);
  EXPECT_NE(lives[3].why.find("ours is taken down"), std::string::npos);
  EXPECT_EQ(lives[3].carries, "any 10.1.0.0/16 > 10.3.0.0/16");
  EXPECT_EQ(lives[5].renewed.size(), 1U);
}

TEST(Lives, OneWhoseBeginningIsForgottenStands) {
  auto data = recorded();
  data.history.happenings.clear();
  const auto lives = cli::lives_of(data);
  ASSERT_EQ(lives.size(), 4U);
  EXPECT_EQ(lives.back().from, data.tunnels[0].since);
  EXPECT_EQ(lives.back().renewed.size(), 1U);
}

TEST(Lives, AReasonThatSeveralShareIsSaidOnce) {
  cli::ReportData data = recorded();
  data.tunnels.clear();
  data.history.happenings.clear();
  const auto tell = [&](const char* id, std::int64_t tunnel, const char* text) {
    data.history.happenings.push_back(
        {id, data.status.since, text, {}, {}, base::Address::parse("192.0.2.9").value(), tunnel, {}});
  };
  for (std::int64_t tunnel = 1; tunnel <= 3; ++tunnel) {
    tell("TED-TUNNEL-UP", tunnel, "up");
    tell("TED-TUNNEL-LOST", tunnel, tunnel == 3 ? "of its own" : "lost by <both>");
    tell("TED-TUNNEL-DOWN", tunnel, "gone");
  }
  const std::string page = cli::draw_lives(data);
  const auto times = [&page](std::string_view text) {
    std::size_t count = 0;
    for (auto at = page.find(text); at != std::string::npos; at = page.find(text, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(times("✕ Reason A, of 2 tunnels: lost by &lt;both&gt;<"), 1U) << page;
  EXPECT_EQ(times("lost by"), 1U);
  EXPECT_EQ(times("<p class='why'>for reason A</p>"), 2U);
  EXPECT_EQ(times("<p class='why'>of its own</p>"), 1U);
}

TEST(Lives, OneThatNobodySawGoIsNotShownAsStanding) {
  auto data = recorded();
  data.tunnels.erase(data.tunnels.begin());
  EXPECT_EQ(cli::lives_of(data).size(), 5U);
}

}  // namespace
}  // namespace cli_test
