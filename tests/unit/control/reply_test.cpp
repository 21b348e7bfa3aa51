// Every key of every reply is written out here: other tools read them.
#include "control/reply.hpp"

#include <gtest/gtest.h>

namespace control {
namespace {

base::Address address(std::string_view text) {
  return base::Address::parse(text).value();
}

base::Flow flow() {
  return base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443").value();
}

base::Selector selector() {
  return {base::Protocol::kTcp, base::MaskedAddress::parse("10.1.0.0/16").value(),
          base::MaskedAddress::parse("10.2.0.0/24").value(), base::PortRange::any(), base::PortRange::only(443)};
}

constexpr const char* kSelector =
    R"({"protocol":6,"local":"10.1.0.0/16","remote":"10.2.0.0/24","local_port":[0,65535],"remote_port":[443,443]})";
const Timestamp kTime{std::chrono::milliseconds(1790000000123)};
constexpr const char* kTimeText = "\"2026-09-21T14:13:20.123Z\"";

/// The data as JSON; what is sent must come back the same.
std::string sent(const Data& data, Command command) {
  const Reply reply = Reply::success(data);
  EXPECT_EQ(decode_reply(encode(reply), command), reply);
  EXPECT_EQ(encode(reply), "{\"ok\":true,\"data\":" + data_json(data).dump() + "}");
  return data_json(data).dump();
}

TEST(Reply, Status) {
  Status status{"0.1.0",
                42,
                "running",
                kTime,
                5000,
                "kernel",
                true,
                "5.9.8",
                {address("192.0.2.1")},
                {"wan0"},
                3,
                2,
                1,
                4,
                "in force",
                5,
                {{{"wan0", "native"}}},
                "/etc/opented/tedd.toml",
                kTime,
                {},
                "observe",
                2,
                true,
                false};
  EXPECT_EQ(
      sent(status, Command::kStatus),
      std::string(R"({"version":"0.1.0","pid":42,"state":"running","since":)") + kTimeText +
          R"(,"uptime_ms":5000,"data_plane":"kernel","charon_connected":true,"charon_version":"5.9.8",)"
          R"("addresses":["192.0.2.1"],"interfaces":["wan0"],"rules":3,"tunnels":2,"pending":1,"peers":4,)"
          R"("guard":"in force","openings":5,"shield":{"wan0":"native"},"config":"/etc/opented/tedd.toml","loaded":)" +
          kTimeText +
          R"(,"reload_error":null,"mode":"observe","discovery_keys":2,"discovery_signs":true,)"
          R"("discovery_required":false,"flowtables":null,"ports":null,"missing":null})");
  status.reload_error = "tedd.toml:3:1: no such key";
  status.shield.reset();
  sent(status, Command::kStatus);
}

TEST(Reply, WhatAnOlderDaemonDoesNotSayIsNotMissed) {
  Status status;
  status.openings = 1;
  std::string reply = encode(Reply::success(status));
  const std::string named = R"("openings":1,"shield":null,)";
  ASSERT_NE(reply.find(named), std::string::npos) << reply;
  reply.erase(reply.find(named), named.size());
  const auto decoded = decode_reply(reply, Command::kStatus);
  ASSERT_TRUE(decoded);
  status.openings.reset();
  EXPECT_EQ(*decoded, Reply::success(status));
}

TEST(Reply, Tunnels) {
  const std::vector<Tunnel> tunnels{
      {address("192.0.2.9"), "web", "up", {selector()}, kTime, "0102030405060708", true, {}, "draft", kTime, 7},
      {address("2001:db8::9"), "", "", {}, kTime, {}, false}};
  EXPECT_EQ(
      sent(tunnels, Command::kTunnels),
      std::string(R"([{"peer":"192.0.2.9","rule":"web","state":"up","selectors":[)") + kSelector + R"(],"since":)" +
          kTimeText + R"(,"cookie":"0102030405060708","initiator":true,"identity":null,"form":"draft","renewed":)" +
          kTimeText + R"(,"id":7},)" + R"({"peer":"2001:db8::9","rule":"","state":"","selectors":[],"since":)" +
          kTimeText + R"(,"cookie":null,"initiator":false,"identity":null,"form":null,"renewed":null,"id":null}])");
  EXPECT_EQ(sent(std::vector<Tunnel>(), Command::kTunnels), "[]");
}

TEST(Reply, History) {
  History history{3, {{"TED-TUNNEL-UP", kTime, "a tunnel", "web", flow(), address("192.0.2.9"), 7, {{selector()}}}}};
  EXPECT_EQ(sent(history, Command::kHistory),
            std::string(R"({"forgotten":3,"happenings":[{"id":"TED-TUNNEL-UP","time":)") + kTimeText +
                R"(,"text":"a tunnel","rule":"web","flow":"tcp 10.1.0.5:40000 > 10.2.0.7:443","peer":"192.0.2.9",)" +
                R"("tunnel":7,"selectors":[)" + kSelector + "]}]}");
  history.happenings = {{"TED-DISCOVERY-STARTED", kTime, "", {}, {}, {}, {}, {}}};
  sent(history, Command::kHistory);
}

TEST(Reply, Pending) {
  const std::vector<Pending> pending{
      {"web", address("10.2.0.7"), flow(), "probing", 2, 500, "0102030405060708", {}, true}};
  EXPECT_EQ(sent(pending, Command::kPending),
            R"([{"rule":"web","destination":"10.2.0.7","flow":"tcp 10.1.0.5:40000 > 10.2.0.7:443","state":"probing",)"
            R"("attempts":2,"next_ms":500,"cookie":"0102030405060708","reason":null,"open":true}])");
}

TEST(Reply, Peers) {
  EXPECT_EQ(sent(std::vector<Peer>{{address("192.0.2.9"), 1, 250, 1234, "v3", {}, "gw-b.example"}}, Command::kPeers),
            R"([{"address":"192.0.2.9","tunnels":1,"last_seen_ms":250,"rtt_us":1234,"form":"v3","proof":null,)"
            R"("identity":"gw-b.example","certificate_until":null}])");
  Peer peer{address("192.0.2.9"), 1, 250, 1234, "v3", {}, "gw-b.example"};
  peer.certificate_until = *parse_timestamp("2027-11-28T07:57:02.000Z");
  EXPECT_NE(sent(std::vector{peer}, Command::kPeers).find(R"("certificate_until":"2027-11-28T07:57:02.000Z")"),
            std::string::npos);
}

TEST(Reply, Observations) {
  const std::vector<Observation> found{
      {"web", "would_protect", address("192.0.2.9"), true, {selector()}, flow(), {}, 3, kTime, kTime, kTime},
      {"web", "unanswered", {}, {}, {}, flow(), "no gateway answered", 1, kTime, kTime, kTime}};
  const std::string times =
      std::string(R"("first":)") + kTimeText + R"(,"last":)" + kTimeText + R"(,"asked":)" + kTimeText + "}";
  EXPECT_EQ(
      sent(found, Command::kObserve),
      std::string(R"([{"rule":"web","finding":"would_protect","peer":"192.0.2.9","peer_observes":true,"selectors":[)") +
          kSelector + R"(],"flow":"tcp 10.1.0.5:40000 > 10.2.0.7:443","reason":null,"flows":3,)" + times +
          R"(,{"rule":"web","finding":"unanswered","peer":null,"peer_observes":null,"selectors":[],)"
          R"("flow":"tcp 10.1.0.5:40000 > 10.2.0.7:443","reason":"no gateway answered","flows":1,)" +
          times + "]");
}

TEST(Reply, Counters) {
  EXPECT_EQ(sent(Counters{{{"probes_sent", 3}, {"a", 0}}}, Command::kCounters), R"({"probes_sent":3,"a":0})");
  EXPECT_EQ(sent(Counters{}, Command::kCounters), "{}");
}

TEST(Reply, Rules) {
  EXPECT_EQ(
      sent(std::vector<RuleInfo>{{"web", "protect", {selector()}, true, false, "block", "drop", 7}}, Command::kRules),
      std::string(R"([{"name":"web","action":"protect","lines":[)") + kSelector +
          R"(],"discover":true,"respond":false,"on_failure":"block","first_packet":"drop","hits":7,"local_interfaces":{},"remote_interfaces":{},"draft":false,"authenticated":null,"disclose":null,"askers":null}])");
  RuleInfo follows{"web", "protect", {}, true, false, "block", "drop", {}};
  follows.local_interfaces = {{"lan0", {"10.1.0.0/16", "10.5.0.0/16"}}, {"lan1", {}}};
  EXPECT_TRUE(sent(std::vector{follows}, Command::kRules)
                  .contains(R"("local_interfaces":{"lan0":["10.1.0.0/16","10.5.0.0/16"],"lan1":[]})"));
}

TEST(Reply, Trace) {
  EXPECT_EQ(
      sent(TraceResult{flow(), true, address("192.0.2.9"), 900, selector(), 1, {}, "v3"}, Command::kTrace),
      std::string(R"({"flow":"tcp 10.1.0.5:40000 > 10.2.0.7:443","answered":true,"gateway":"192.0.2.9",)"
                  R"("rtt_us":900,"proxy":)") +
          kSelector +
          R"(,"attempts":1,"reason":null,"form":"v3","half_proxy":null,"offered":null,"exempt":null,"tunnel":null,"proof":null})");
  sent(TraceResult{flow(), false, {}, {}, {}, 4, "nobody answered"}, Command::kTrace);
  const TraceResult draft{
      flow(), true, address("192.0.2.9"), 900, {}, 1, {}, "draft", *base::MaskedAddress::parse("10.2.0.0/24")};
  EXPECT_TRUE(sent(draft, Command::kTrace).contains(R"("proxy":null)"));
  EXPECT_TRUE(sent(draft, Command::kTrace).contains(R"("form":"draft","half_proxy":"10.2.0.0/24")"));
  TraceResult list{flow(), true, address("192.0.2.9"), 900, selector(), 1, {}, "v3"};
  list.offered = list.tunnel = {selector()};
  list.exempt.emplace();
  EXPECT_TRUE(
      sent(list, Command::kTrace).contains(std::string(R"("offered":[)") + kSelector + R"(],"exempt":[],"tunnel":[)"));
}

TEST(Reply, Why) {
  const Why why{.flow = flow(),
                .verdict = "protected",
                .rule = "web",
                .because = {"one", "two"},
                .tunnels = {{address("192.0.2.9"), "web", "up", {selector()}, {}, {}, true}},
                .pending = {{"web", address("10.2.0.7"), flow(), "probing", 1, 5, {}, {}}},
                .steps = {{"TED-TUNNEL-UP", {}, "up", {{"peer", "192.0.2.9"}}}},
                .advice = {"none"}};
  const std::string line = sent(why, Command::kWhy);
  EXPECT_TRUE(line.starts_with(
      R"({"flow":"tcp 10.1.0.5:40000 > 10.2.0.7:443","verdict":"protected","rule":"web","because":["one","two"],"tunnels":[{"peer":"192.0.2.9",)"))
      << line;
  EXPECT_TRUE(line.contains(R"("steps":[{"id":"TED-TUNNEL-UP",)")) << line;
}

TEST(Reply, Acts) {
  for (const Command command : {Command::kReload, Command::kForget, Command::kRelease}) {
    EXPECT_EQ(sent(Done{"done", 2}, command), R"({"text":"done","count":2,"remarks":null})");
    EXPECT_EQ(sent(Done{"done", 2, {{"odd"}}}, command), R"({"text":"done","count":2,"remarks":["odd"]})");
  }
  EXPECT_EQ(sent(Data(), Command::kWatch), "null");
}

TEST(Reply, Failure) {
  const Reply reply = Reply::failure({"no", "try yes"});
  EXPECT_EQ(encode(reply), R"({"ok":false,"error":{"message":"no","hint":"try yes"}})");
  EXPECT_EQ(decode_reply(encode(reply), Command::kStatus), reply);
}

TEST(Reply, Events) {
  const Event event{"TUNNEL_UP", kTime, "a tunnel is up", {{"peer", "192.0.2.9"}, {"rule", "web"}}};
  EXPECT_EQ(encode(event), std::string(R"({"id":"TUNNEL_UP","time":)") + kTimeText +
                               R"(,"text":"a tunnel is up","fields":{"peer":"192.0.2.9","rule":"web"}})");
  EXPECT_EQ(decode_event(encode(event)), event);
}

TEST(Reply, WhatIsWrongHasAName) {
  const auto error = [](std::string_view line, Command command) {
    const auto reply = decode_reply(line, command);
    return reply ? "none" : std::string(name(reply.error().code)) + " " + reply.error().where;
  };
  EXPECT_EQ(error("", Command::kStatus), "not-json ");
  EXPECT_EQ(error("[]", Command::kStatus), "missing ok");
  EXPECT_EQ(error(R"({"ok":1})", Command::kStatus), "wrong-type ok");
  EXPECT_EQ(error(R"({"ok":false})", Command::kStatus), "missing error");
  EXPECT_EQ(error(R"({"ok":true})", Command::kStatus), "wrong-type data");
  EXPECT_EQ(error(R"({"ok":true,"data":{}})", Command::kStatus), "missing version");
  EXPECT_EQ(error(R"({"ok":true,"data":{}})", Command::kTunnels), "wrong-type data");
  EXPECT_EQ(error(R"({"ok":true,"data":[{"peer":"x"}]})", Command::kTunnels), "bad-value peer");
  EXPECT_EQ(error(R"({"ok":true,"data":{"a":-1}})", Command::kCounters), "bad-value data");
  EXPECT_EQ(error(R"({"ok":true,"data":{"text":"x","count":1,"more":[]}})", Command::kReload), "none");
}

}  // namespace
}  // namespace control
