// Commands that ask the daemon: what they ask, and the same answer as text and as JSON.
#include <gtest/gtest.h>

#include "control/reply.hpp"
#include "unit/cli/fake_daemon.hpp"
#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

using control::Command;
using control::Reply;

base::Address address(std::string_view text) {
  return base::Address::parse(text).value();
}
base::Flow flow() {
  return base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443").value();
}
base::Selector selector(std::string_view remote = "10.2.0.0/24") {
  return {base::Protocol::kTcp, base::MaskedAddress::parse("10.1.0.0/16").value(),
          base::MaskedAddress::parse(remote).value(), base::PortRange::any(), base::PortRange::only(443)};
}
const control::Timestamp kTime{std::chrono::milliseconds(1790000000123)};

/// Asks a daemon that answers with `data`; compares the text with a golden file and the JSON with the data's own.
void expect_answer(const std::vector<std::string>& command, const control::Data& data, const std::string& request,
                   int status = 0) {
  const std::string line = encode(Reply::success(data)) + "\n";
  const std::string& name = command.front();
  FakeDaemon for_text(line);
  std::vector<std::string> arguments{"--socket", for_text.path()};
  arguments.insert(arguments.end(), command.begin(), command.end());
  const auto text = tedctl(arguments);
  EXPECT_EQ(text.status, status) << text.err;
  EXPECT_EQ(text.err, "");
  EXPECT_EQ(for_text.request(), request);
  expect_golden(name + (status == 0 ? ".txt" : "-no.txt"), text.out);

  FakeDaemon for_json(line);
  arguments.emplace_back("--json");
  const auto json = tedctl(arguments);
  EXPECT_EQ(json.status, status);
  EXPECT_EQ(json.out, data_json(data).dump() + "\n");
  EXPECT_EQ(for_json.request(), request);
}

TEST(Daemon, Status) {
  control::Status status{"0.1.0",    42,
                         "running",  kTime,
                         185000,     "kernel",
                         true,       "5.9.8",
                         {},         {"wan0", "wan1"},
                         3,          2,
                         1,          4,
                         "in force", 2,
                         {},         "/etc/opented/tedd.toml",
                         kTime,      {}};
  status.shield = {{"wan0", "native"}, {"wan1", "none: there is no such interface now"}};
  status.discovery_keys = 2;
  status.ports = control::NamedValues<std::string>{{"wan1", "br0"}};
  status.missing = control::NamedValues<std::string>{{"wna2", "did you mean wan2? There are: lan0, wan2"}};
  status.flowtables = {"inet filter fast (lan0, wan0)"};
  status.discovery_signs = true;
  status.discovery_required = true;
  status.addresses = {address("192.0.2.1"), address("2001:db8::1")};
  status.reload_error = "tedd.toml:3:1: no such key\nsecond line \x1b[31m";
  expect_answer({"status"}, status, R"({"command":"status"})");
}

TEST(Daemon, StatusDoesNotGuessWhoDoesEsp) {
  control::Status status;
  status.guard = "in force";
  const auto said = [&status] {
    FakeDaemon daemon(encode(Reply::success(status)) + "\n");
    return tedctl({"status", "--socket", daemon.path()}).out;
  };
  EXPECT_NE(said().find("data plane  not known before strongSwan has answered"), std::string::npos) << said();
  status.mode = "observe";
  EXPECT_NE(said().find("data plane  not known: a tedd that only observes"), std::string::npos) << said();
}

TEST(Daemon, Tunnels) {
  const std::vector<control::Tunnel> tunnels{
      {address("192.0.2.9"),
       "web",
       "up",
       {selector(), selector("10.3.0.0/24")},
       kTime,
       "0102030405060708",
       true,
       {},
       "draft",
       kTime,
       7},
      {address("2001:db8::9"), "branch-web", "closing", {selector()}, kTime, {}, false}};
  expect_answer({"tunnels"}, tunnels, R"({"command":"tunnels"})");
}

TEST(Daemon, History) {
  const control::History history{
      3,
      {{"TED-DISCOVERY-STARTED", kTime, "a packet needs protection", "web", flow(), {}, {}, {}},
       {"TED-TUNNEL-UP", kTime, "a tunnel to \x1b[31m", "web", {}, address("192.0.2.9"), 7, {{selector()}}}}};
  expect_answer({"history"}, history, R"({"command":"history"})");
}

TEST(Daemon, NoTunnels) {
  FakeDaemon daemon("{\"ok\":true,\"data\":[]}\n");
  EXPECT_EQ(tedctl({"tunnels", "--socket", daemon.path()}).out, "no tunnel\n");
}

TEST(Daemon, Pending) {
  const std::vector<control::Pending> pending{
      {"web", address("10.2.0.7"), flow(), "probing", 2, 500, "0102030405060708", {}},
      {"web", address("10.9.0.7"), flow(), "holding-down", 4, {}, {}, "nobody answered"}};
  expect_answer({"pending"}, pending, R"({"command":"pending"})");
}

TEST(Daemon, Peers) {
  const std::vector<control::Peer> peers{{address("192.0.2.9"),
                                          1,
                                          250,
                                          1234,
                                          "v3",
                                          {},
                                          "gw-b.example",
                                          *control::parse_timestamp("2027-11-28T07:57:02.000Z")},
                                         {address("192.0.2.10"), 0, 4000000, {}, {}}};
  expect_answer({"peers"}, peers, R"({"command":"peers"})");
}

TEST(Daemon, Observe) {
  const std::vector<control::Observation> found{
      {"web", "would_protect", address("192.0.2.9"), true, {selector()}, flow(), {}, 3, kTime, kTime, kTime},
      {"web",
       "would_protect",
       address("192.0.2.10"),
       false,
       {selector("10.3.0.0/24")},
       flow(),
       {},
       1,
       kTime,
       kTime,
       kTime},
      {"web", "unanswered", {}, {}, {}, flow(), "no gateway answered", 1, kTime, kTime, kTime}};
  expect_answer({"observe"}, found, R"({"command":"observe"})");
}

TEST(Daemon, NothingObserved) {
  FakeDaemon daemon("{\"ok\":true,\"data\":[]}\n");
  const std::string out = tedctl({"observe", "--socket", daemon.path()}).out;
  EXPECT_NE(out.find("mode = \"observe\""), std::string::npos) << out;
}

TEST(Daemon, Counters) {
  const control::Counters some{{{"flows_caught", 12},
                                {"probes_sent", 3},
                                {"rate_limited", 0},
                                {"tunnels_up", 1},
                                {"illegal_moves", 0},
                                {"subjects_forgotten", 2}}};
  expect_answer({"counters"}, some, R"({"command":"counters"})");
  FakeDaemon daemon(encode(Reply::success(some)) + "\n");
  const std::string all = tedctl({"counters", "--all", "--socket", daemon.path()}).out;
  for (const auto& [name, value] : some.values) EXPECT_NE(all.find("  " + name + " "), std::string::npos) << all;
  EXPECT_NE(all.find("2 of 6 counters are zero\n"), std::string::npos) << all;
}

TEST(Daemon, Rules) {
  std::vector<control::RuleInfo> rules{{"web", "protect", {selector()}, true, false, "block", "drop", 7},
                                       {"rest", "bypass", {selector()}, false, false, "block", "drop", {}}};
  rules[0].local_interfaces = {{"lan0", {"10.1.0.0/16", "10.5.0.0/16"}}};
  rules[1].remote_interfaces = {{"lan1", {}}};
  rules.push_back({"old", "protect", {selector()}, true, true, "block", "drop", {}});
  rules[2].draft = true;
  expect_answer({"rules"}, rules, R"({"command":"rules"})");
}

TEST(Daemon, Trace) {
  expect_answer({"trace", "10.2.0.7", "--from", "10.1.0.5", "--proto", "tcp", "--port", "443"},
                control::TraceResult{flow(), true, address("192.0.2.9"), 900, selector(), 1, {}},
                R"({"command":"trace","arguments":{"destination":"10.2.0.7","source":"10.1.0.5","protocol":6,)"
                R"("port":443}})");
}

TEST(Daemon, TraceTakesAFlowAsWhyDoes) {
  const auto asked = [](const std::vector<std::string>& words, const std::string& arguments) {
    FakeDaemon daemon({encode(Reply::failure({"no why", {}})) + "\n",
                       encode(Reply::success(control::TraceResult{flow(), true, {}, {}, {}, 1, {}})) + "\n"});
    std::vector<std::string> all{"trace", "--socket", daemon.path()};
    all.insert(all.end(), words.begin(), words.end());
    EXPECT_EQ(tedctl(all).status, 0);
    EXPECT_EQ(daemon.request(),
              R"({"command":"trace","arguments":{"destination":"10.2.0.7","source":"10.1.0.5",)" + arguments + "}}");
  };
  asked({"tcp 10.1.0.5:40000 > 10.2.0.7:443"}, R"("protocol":6,"port":443,"source_port":40000)");
  asked({"icmp", "10.1.0.5:8", ">", "10.2.0.7:0"}, R"("protocol":1,"port":0,"source_port":8)");
  asked({"gre 10.1.0.5 > 10.2.0.7"}, R"("protocol":47)");
}

TEST(Daemon, TraceSaysFirstThatPolicySendsNoProbeForTheFlow) {
  control::Why why{.flow = flow(),
                   .verdict = "clear",
                   .rule = "inside",
                   .because = {},
                   .tunnels = {},
                   .pending = {},
                   .steps = {},
                   .advice = {}};
  const std::string trace = encode(Reply::success(control::TraceResult{flow(), true, {}, {}, {}, 1, {}})) + "\n";
  const auto said = [&](const std::vector<std::string>& words) {
    const std::string answer = encode(Reply::success(why)) + "\n";
    const bool is_flow = words.size() == 1;  // else what is probed for is known from the answer alone
    FakeDaemon daemon(is_flow ? std::vector{answer, trace} : std::vector{trace, answer});
    std::vector<std::string> all{"trace", "--socket", daemon.path()};
    all.insert(all.end(), words.begin(), words.end());
    return tedctl(all).out;
  };
  const std::vector<std::string> as_flow{flow().text()};
  EXPECT_TRUE(said(as_flow).starts_with("note: rule 'inside' lets it pass in the clear: packets of " + flow().text() +
                                        " would send no probe; probing all the same\nprobed for "))
      << said(as_flow);
  EXPECT_TRUE(said({"10.2.0.7", "--from", "10.1.0.5"}).starts_with("note: rule 'inside' lets it pass in the clear"));
  why.verdict = "blocked";
  EXPECT_TRUE(said(as_flow).starts_with("note: rule 'inside' drops it"));
  why.verdict = "idle";
  EXPECT_TRUE(said(as_flow).starts_with("probed for"));
}

TEST(Daemon, TraceTellsWhatIsOfferedAndWhatATunnelWouldCarry) {
  control::TraceResult trace{flow(), true, address("192.0.2.9"), 900, selector(), 1, {}};
  trace.offered.emplace();
  for (int i = 0; i < 10; ++i) trace.offered->push_back(selector("10." + std::to_string(i) + ".0.0/16"));
  trace.exempt = {selector("10.3.7.0/24")};
  trace.tunnel = {selector("10.3.0.0/24")};
  FakeDaemon daemon(encode(Reply::success(trace)) + "\n");
  expect_golden("trace-list.txt", tedctl({"trace", "10.2.0.7", "--socket", daemon.path()}).out);
}

TEST(Daemon, TraceTellsTheHalfProxyOfTheDraftForm) {
  FakeDaemon daemon(encode(Reply::success(control::TraceResult{flow(),
                                                               true,
                                                               address("192.0.2.9"),
                                                               900,
                                                               {},
                                                               1,
                                                               "rule 'web' does not take that",
                                                               "draft",
                                                               *base::MaskedAddress::parse("10.2.0.0/24")})) +
                    "\n");
  expect_golden("trace-draft.txt", tedctl({"trace", "10.2.0.7", "--socket", daemon.path()}).out);
}

TEST(Daemon, Why) {
  const control::Why why{
      .flow = flow(),
      .verdict = "failing",
      .rule = "web",
      .because = {"this end matches rule 'web' first", "a packet without a tunnel is dropped"},
      .tunnels = {},
      .pending = {{"web", address("10.2.0.7"), flow(), "holding_down", 1, 850, "0102030405060708", "auth_failed"}},
      .steps = {{"TED-DISCOVERY-STARTED", kTime, "probing", {}},
                {"TED-DISCOVERY-FAILED", kTime, "auth_failed \x1b[31m", {{"peer", "192.0.2.9"}}}},
      .advice = {"compare the psk_file", "it is tried again"}};
  expect_answer({"why", "tcp", "10.1.0.5:40000", ">", "10.2.0.7:443"}, why,
                R"({"command":"why","arguments":{"flow":"tcp 10.1.0.5:40000 > 10.2.0.7:443"}})", 1);
}

TEST(Daemon, WhyOfATunnelIsGood) {
  const control::Why why{.flow = flow(),
                         .verdict = "protected",
                         .rule = "web",
                         .because = {},
                         .tunnels = {{address("192.0.2.9"), "web", "up", {selector()}, kTime, {}, false}},
                         .pending = {},
                         .steps = {},
                         .advice = {}};
  FakeDaemon daemon(encode(Reply::success(why)) + "\n");
  const auto outcome = tedctl({"why", "tcp 10.1.0.5:40000 > 10.2.0.7:443", "--socket", daemon.path()});
  EXPECT_EQ(outcome.status, 0);
  expect_golden("why-tunnel.txt", outcome.out);
}

TEST(Daemon, TraceWithoutAnAnswerIsNo) {
  expect_answer({"trace", "10.2.0.7"}, control::TraceResult{flow(), false, {}, {}, {}, 4, "nobody answered"},
                R"({"command":"trace","arguments":{"destination":"10.2.0.7"}})", 1);
}

TEST(Daemon, ATraceWhoseProbesDoNotLeaveDoesNotSendPeopleToOtherGateways) {
  const control::TraceResult trace{flow(), false, {}, {}, {}, 3, std::string(control::kUnsent) + "no route"};
  FakeDaemon daemon(encode(Reply::success(trace)) + "\n");
  const auto outcome = tedctl({"trace", "10.2.0.7", "--socket", daemon.path()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.out.find("'ip route get 10.2.0.7' must find one"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("tcpdump"), std::string::npos) << outcome.out;
}

TEST(Daemon, Acts) {
  expect_answer({"reload"}, control::Done{"policy reloaded: 3 rules", 3, {{"rule 'a' is never reached"}}},
                R"({"command":"reload"})");
  expect_answer({"forget", "192.0.2.9"}, control::Done{"1 tunnel closed", 1},
                R"({"command":"forget","arguments":{"peer":"192.0.2.9"}})");
  expect_answer({"release"}, control::Done{"the guard is down", 0}, R"({"command":"release"})");
}

TEST(Daemon, Watch) {
  const control::Event event{"TUNNEL_UP", kTime, "a tunnel is up", {{"peer", "192.0.2.9"}}};
  const std::string lines = encode(Reply::success({})) + "\n" + encode(event) + "\n{\"id\":1}\n" + encode(event) + "\n";
  FakeDaemon for_text(lines);
  const auto text = tedctl({"--socket", for_text.path(), "watch"});
  EXPECT_EQ(text.status, 3);
  EXPECT_EQ(for_text.request(), R"({"command":"watch"})");
  expect_golden("watch.txt", text.out);
  EXPECT_EQ(text.err,
            "tedctl: an event cannot be understood: \"id\" is of the wrong kind\ntedctl: tedd ended\n        see "
            "whether tedd "
            "runs, and what it says: journalctl -u tedd\n");
  FakeDaemon for_json(lines);
  EXPECT_EQ(tedctl({"--socket", for_json.path(), "watch", "--json"}).out, encode(event) + "\n" + encode(event) + "\n");
}

TEST(Daemon, ARefusalIsAnErrorWithItsWayOut) {
  FakeDaemon daemon(encode(Reply::failure({"192.0.2.9 is no peer", "'tedctl peers' lists them"})) + "\n");
  const auto outcome = tedctl({"--socket", daemon.path(), "forget", "192.0.2.9"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "tedctl: 192.0.2.9 is no peer\n        'tedctl peers' lists them\n");
}

TEST(Daemon, AnAnswerThatCannotBeReadIsAnError) {
  for (const char* lines : {"", "no JSON\n", "{\"ok\":true,\"data\":{}}\n", "{\"ok\":true"}) {
    FakeDaemon daemon(lines);
    const auto outcome = tedctl({"--socket", daemon.path(), "--json", "status"});
    EXPECT_EQ(outcome.status, 1) << lines;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err, "");
  }
}

TEST(Daemon, NotRunningHasAStatusOfItsOwn) {
  const std::string nowhere = scratch() + "/nowhere.sock";
  for (const char* command :
       {"status", "tunnels", "pending", "peers", "observe", "counters", "rules", "watch", "reload"}) {
    const auto outcome = tedctl({"--socket", nowhere, command});
    EXPECT_EQ(outcome.status, 3) << command;
    EXPECT_NE(outcome.err.find("tedd is not running"), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(tedctl({"--socket", written("left-over", ""), "status"}).status, 3);
}

TEST(Daemon, ReleaseWithoutADaemonNamesTheOtherWay) {
  const auto outcome = tedctl({"--socket", scratch() + "/nowhere.sock", "release"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_NE(outcome.err.find("tedd --release"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace cli_test
