// What the tests of hostile answers and places share: every command, answers that say whatever a test wants, and a look
// for what a terminal would do something at.
#pragma once

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <sys/wait.h>
#include <vector>

#include "base/showable.hpp"
#include "control/report.hpp"
#include "unit/cli/run.hpp"

namespace cli_test {

inline const control::Timestamp kTime{std::chrono::milliseconds(1790000000123)};
inline const base::Flow kFlow = base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443").value();
inline const base::Address kPeerAddress = base::Address::parse("192.0.2.9").value();

/// Every command that asks tedd, as it is typed.
inline const std::vector<std::vector<std::string>> kQuestions = {{"status"},
                                                                 {"tunnels"},
                                                                 {"pending"},
                                                                 {"peers"},
                                                                 {"observe"},
                                                                 {"counters"},
                                                                 {"rules"},
                                                                 {"why", kFlow.text()},
                                                                 {"history"},
                                                                 {"trace", "10.2.0.7"},
                                                                 {"reload"},
                                                                 {"release"},
                                                                 {"forget", "192.0.2.9"},
                                                                 {"watch"}};

inline std::vector<std::string> at(const std::string& socket, const std::vector<std::string>& command) {
  std::vector<std::string> all{"--socket", socket};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

/// Of a shell's command line: its status and all that it wrote, also on standard error.
inline Outcome shell(const std::string& line) {
  Outcome outcome;
  std::FILE* pipe = popen(("exec 2>&1; " + line).c_str(), "r");
  if (pipe == nullptr) return outcome;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) outcome.out += static_cast<char>(c);
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

/// What a terminal would do something at; line feeds are looked at by the tests.
inline std::string acting(const std::string& text) {
  std::string found;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = base::showable_at(text, i);
    if (length == 0 && text[i] != '\n') found += std::to_string(static_cast<unsigned char>(text[i])) + " ";
    i += std::max<std::size_t>(length, 1);
  }
  return found;
}

/// Answers in which every text is this one. Where there may be several values there are two.
inline std::map<std::string, control::Data> saying(const std::string& words) {
  control::Status status;
  status.version = status.state = status.guard = status.config = words;
  status.charon_connected = true;
  status.data_plane = status.charon_version = status.reload_error = status.mode = words;
  status.interfaces = {words, words};
  status.shield = status.ports = status.missing = control::NamedValues<std::string>{{words, words}};
  status.flowtables = {words};
  const control::Tunnel tunnel{kPeerAddress, words, words, {}, kTime, words, true, words, words, kTime, 7};
  const control::Pending pending{words, kPeerAddress, kFlow, words, 1, 5, words, words, true};
  const control::Peer peer{kPeerAddress, 1, 1, 1, words, words, words, kTime};
  const control::Observation seen{words, words, kPeerAddress, true, {}, kFlow, words, 1, kTime, kTime, kTime};
  control::RuleInfo rule{words, words, {}, true, true, words, words, 7};
  rule.local_interfaces = rule.remote_interfaces = {{words, {words}}};
  rule.disclose = words;
  rule.askers = {words};
  const control::Event event{words, kTime, words, {{words, words}}};
  const control::Happening happening{"TED-TUNNEL-UP", kTime, words, words, kFlow, kPeerAddress, 7, {}};
  const control::TraceResult trace{kFlow, false, kPeerAddress, 900, {}, 1, words, words, {}, {}, {}, {}, words};
  return {{"status", status},
          {"tunnels", std::vector{tunnel, tunnel}},
          {"pending", std::vector{pending, pending}},
          {"peers", std::vector{peer, peer}},
          {"observe", std::vector{seen, seen}},
          {"counters", control::Counters{{{words, 7}}}},
          {"rules", std::vector{rule, rule}},
          {"why", control::Why{kFlow, words, words, {words}, {tunnel}, {pending}, {event, event}, {words}}},
          {"history", control::History{1, {happening, happening}}},
          {"trace", trace},
          {"reload", control::Done{words, 1, {{words}}}},
          {"release", control::Done{words, 1}},
          {"forget", control::Done{words, 1}}};
}

}  // namespace cli_test
