// docs/json.md and what tedctl writes with --json: no key that it does not tell of, none that is not there.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "control/reply.hpp"
#include "control/request.hpp"
#include "unit/cli/configs.hpp"
#include "unit/cli/run.hpp"
#include "unit/cli/schema.hpp"
#include "unit/cli/vectors.hpp"

namespace cli_test {
namespace {

using control::Json;

const control::Timestamp kTime{std::chrono::milliseconds(1790000000123)};
const auto kPeerAddress = base::Address::parse("192.0.2.9").value();
const auto kFlow = base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443").value();
const auto kNetwork = base::MaskedAddress::parse("10.1.0.0/16").value();
const base::Selector kSelector{base::Protocol::kTcp, kNetwork,
                               base::MaskedAddress::parse("10.4.0.1/255.255.0.255").value(), base::PortRange::any(),
                               base::PortRange::only(443)};

/// Each optional member set, and each not.
std::vector<control::Data> statuses() {
  control::Status full{.version = "1",
                       .pid = 1,
                       .state = "running",
                       .since = kTime,
                       .uptime_ms = 1,
                       .data_plane = "kernel",
                       .charon_connected = true,
                       .charon_version = "5.9.8",
                       .addresses = {kPeerAddress},
                       .interfaces = {"wan0"},
                       .rules = 1,
                       .tunnels = 1,
                       .pending = 1,
                       .peers = 1,
                       .guard = "in force",
                       .openings = 1,
                       .shield = {{{"wan0", "native"}}},
                       .config = "tedd.toml",
                       .loaded = kTime,
                       .reload_error = "tedd.toml:1:1: no",
                       .mode = "protect",
                       .discovery_keys = 1,
                       .discovery_signs = true,
                       .discovery_required = false,
                       .flowtables = {{"ip t f: wan0"}},
                       .ports = {{{"wan0", "br0"}}},
                       .missing = {{{"wna0", "there are: wan0"}}}};
  control::Status bare;
  bare.state = "stopping";
  bare.guard = "down";
  control::Status userspace = bare;
  userspace.data_plane = "userspace";
  return {full, bare, userspace};
}
std::vector<control::Tunnel> tunnels() {
  return {{kPeerAddress, "web", "up", {kSelector}, kTime, "0102030405060708", true, "CN=b", "v3", kTime, 7},
          {kPeerAddress, "web", "up", {}, kTime, {}, false}};
}
std::vector<control::Pending> pending() {
  return {{"web", kPeerAddress, kFlow, "probing", 1, 500, "0102030405060708", "nobody answered", true},
          {"", kPeerAddress, kFlow, "holding_down", 1, {}, {}, {}}};
}
std::vector<control::Peer> peers() {
  return {{kPeerAddress, 1, 250, 1234, "draft", "a key", "CN=b", kTime}, {kPeerAddress, 0, 1, {}, {}}};
}
std::vector<control::Event> events() {
  return {{"TED-TUNNEL-UP", kTime, "up", {{"peer", "192.0.2.9"}}}, {"TED-TUNNEL-UP", kTime, "up", {}}};
}
std::vector<control::RuleInfo> rules() {
  control::RuleInfo full{"web", "protect", {kSelector}, true, true, "block", "hold", 7};
  full.local_interfaces = full.remote_interfaces = {{"lan0", {"10.1.0.0/16"}}};
  full.authenticated = true;
  full.disclose = "flow";
  full.askers = {"192.0.2.0/24"};
  control::RuleInfo bare{"rest", "bypass", {}, false, false, "bypass", "drop", {}};
  bare.draft.reset();
  return {full, bare};
}
control::History history() {
  return {3,
          {{"TED-TUNNEL-UP", kTime, "up", "web", kFlow, kPeerAddress, 7, {{kSelector}}},
           {"TED-TUNNEL-UP", kTime, "up", {}, {}, {}, {}, {}}}};
}
std::vector<control::Observation> observations() {
  return {{"web", "would_protect", kPeerAddress, true, {kSelector}, kFlow, "none", 3, kTime, kTime, kTime},
          {"web", "unanswered", {}, {}, {}, kFlow, {}, 1, kTime, kTime, kTime}};
}
std::vector<control::Data> traces() {
  const std::vector<base::Selector> list{kSelector};
  return {control::TraceResult{kFlow, true, kPeerAddress, 900, kSelector, 1, "no", "v3", kNetwork, list, list, list,
                               "a key"},
          control::TraceResult{kFlow, false, {}, {}, {}, 4, {}}};
}
std::vector<control::Data> whys() {
  control::Why full{kFlow, "failing", "web", {"because"}, tunnels(), pending(), events(), {"do this"}};
  control::Why bare{.flow = kFlow,
                    .verdict = "idle",
                    .rule = {},
                    .because = {},
                    .tunnels = {},
                    .pending = {},
                    .steps = {},
                    .advice = {}};
  return {full, bare};
}

/// What tedd answers each command with.
std::vector<control::Data> answers(control::Command command) {
  switch (command) {
    case control::Command::kStatus: return statuses();
    case control::Command::kTunnels: return {tunnels()};
    case control::Command::kPending: return {pending()};
    case control::Command::kPeers: return {peers()};
    case control::Command::kObserve: return {observations()};
    case control::Command::kCounters: return {control::Counters{{{"probes_sent", 3}}}};
    case control::Command::kRules: return {rules()};
    case control::Command::kTrace: return traces();
    case control::Command::kWhy: return whys();
    case control::Command::kHistory: return {history()};
    case control::Command::kReload:
    case control::Command::kForget:
    case control::Command::kRelease: return {control::Done{"done", 1, {{"odd"}}}, control::Done{"done", 1}};
    case control::Command::kWatch: break;  // answers with events
  }
  return {};
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(std::string(OPENTED_TESTS_DIR) + "/" + path).rdbuf();
  return std::move(text).str();
}

/// A configuration whose psk_file is its key_file, too, which `check` warns of.
std::string with_one_secret_for_both() {
  const std::string secret = written("both", "the secret of all gateways\n");
  std::filesystem::permissions(secret, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::string text = kMine;
  const std::string before = "psk_file = \"/etc/opented/psk\"";
  text.replace(text.find(before), before.size(),
               "psk_file = \"" + secret + "\"\n[discovery]\nrequire = false\nkey_file = \"" + secret + "\"");
  return written("both.toml", text);
}

struct JsonPage : testing::Test {
  Schema schema{content("../docs/json.md")};

  void take(const std::string& command, const std::string& lines) {
    std::istringstream stream(lines);
    int count = 0;
    for (std::string line; std::getline(stream, line); ++count) {
      const auto json = Json::parse(line, std::size_t{1} << 20);
      ASSERT_TRUE(json) << command << ": " << line;
      schema.take(command, *json);
    }
    EXPECT_GT(count, 0) << command << " answered nothing";
  }
  void run(const std::string& command, std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), "--json");
    take(command, tedctl(words, input).out);
  }

  void daemon_answers() {
    for (const std::string& command : schema.commands()) {
      const auto known = control::command_named(command);
      if (!known) continue;
      for (const control::Data& data : answers(*known)) schema.take(command, control::data_json(data));
    }
    for (const control::Event& event : events()) schema.take("watch", control::event_json(event));
    run("report", {"report", "--from", std::string(OPENTED_TESTS_DIR) + "/golden/cli/report.json"});
  }
  void offline_answers() {
    const auto mine = written("mine.toml", kMine);
    const auto peer = written("peer.toml", kPeer);
    run("check", {"check", mine});
    run("check", {"check", written("bad.toml", "nonsense")});
    take("check", content("golden/cli/check-odd.json"));
    run("check", {"check", with_one_secret_for_both()});
    const std::string flows =
        "tcp 10.1.0.5:40000 > 10.2.0.7:443\nno flow\nudp 10.9.0.1:1 > 10.9.0.2:2\n"
        "tcp 10.1.0.5:1 > 10.3.0.7:443\n";
    run("explain", {"explain", "--config", mine, "--batch"}, flows);
    run("explain", {"explain", "--config", mine, "--peer", peer, "--batch"}, flows);
    take("import", content("golden/cli/import-branch.ios.json"));
  }
  void datagrams() {
    for (const char* file : {"probe.vec", "response.vec", "invalid.vec"}) {
      for (const Vector& one : vectors(file)) {
        if (one.hex.empty()) continue;
        run("decode", {"decode", one.hex});
      }
    }
    for (const char* name : {"/all", "/invalid"}) {
      run("decode", {"decode", "-r", std::string(OPENTED_CAPTURES) + name + ".pcap"});
    }
    run("encode", {"encode"}, tedctl({"--json", "decode", vectors("probe.vec").front().hex}).out);
  }
  void certificates() {
    const std::string folder = scratch() + "/json-ca";
    run("pki ca", {"pki", "ca", "--name", "CA", "--blocks", "10.0.0.0/8", "--out", folder});
    run("pki gateway",
        {"pki", "gateway", "--ca", folder, "--name", "a.example", "--blocks", "10.1.0.0/16", "--out", folder});
    run("pki gateway", {"pki", "gateway", "--ca", folder, "--name", "b.example", "--out", folder});
    run("pki revoke", {"pki", "revoke", "--ca", folder, folder + "/ca.pem"});
    run("pki show", {"pki", "show", folder + "/ca.pem", folder + "/ca.crl"});
  }
};

/// What is on the page and not made here.
const std::set<std::string> kNotMade = {
    "explanation.empty_because",     // lines that both match the flow have it in common
    "proof.signer",                  // Pki.DecodeNamesWhoSigned
    "revocations.next_update null",  // our own lists always say it
    "unknown.rule",
    "unknown.line",  // takes a policy of minutes
};

TEST_F(JsonPage, TellsOfEveryKeyAndOfNoOther) {
  daemon_answers();
  offline_answers();
  datagrams();
  certificates();
  EXPECT_EQ(schema.wrong(), std::set<std::string>());
  EXPECT_EQ(schema.unseen(), kNotMade);
}

TEST_F(JsonPage, FindsWhatDoesNotFit) {
  schema.take("encode", Json::object().add("hex", "0g"));
  schema.take("encode", Json::object().add("hxe", "00"));
  schema.take("nothing", Json());
  EXPECT_EQ(
      schema.wrong(),
      (std::set<std::string>{"encode: encoded.hex is absent", "encode: encoded.hxe is not on the page",
                             "encode: encoded.hex is not hex: \"0g\"", "the page does not say what nothing answers"}));
  EXPECT_TRUE(schema.unseen().contains("status.pid"));
}

}  // namespace
}  // namespace cli_test
