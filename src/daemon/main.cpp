// tedd: parses, builds, runs.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "daemon/authenticator.hpp"
#include "daemon/control_server.hpp"
#include "daemon/credentials.hpp"
#include "daemon/examiner_child.hpp"
#include "daemon/follower.hpp"
#include "daemon/gateway.hpp"
#include "daemon/last_good.hpp"
#include "daemon/log.hpp"
#include "daemon/options.hpp"
#include "daemon/outside.hpp"
#include "daemon/version.hpp"
#include "platform/nft/client.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/interception.hpp"
#include "platform/pki/openssl_setup.hpp"
#include "platform/rights/capabilities.hpp"
#include "policy/guard_plan.hpp"
#include "policy/remarks.hpp"

namespace {

// The interception lives as long as its tedd: where it stands, one runs, and would put the guard back.
base::Result<bool, nft::Error> take_guard_down() {
  TED_TRY(auto nftables, nft::Client::open());
  TED_TRY(const bool runs, nftables.exists(nft::kInterceptionTable));
  if (runs) return std::unexpected(nft::Error{"a tedd runs here and would put it back; use tedctl release"});
  TED_TRY(const bool stood, nftables.exists(nft::kGuardTable));
  if (const auto done = nftables.delete_guard(); !done) return std::unexpected(done.error());
  return stood;
}

int release() {
  const auto stood = take_guard_down();
  if (!stood) {
    std::fprintf(stderr, "tedd: the guard cannot be taken down: %s\n", stood.error().message.c_str());
    return tedd::kExitFailure;
  }
  std::puts(*stood ? "the guard is down: protected flows pass in the clear until tedd starts again"
                   : "there was no guard to take down: nothing has changed");
  return tedd::kExitOk;
}

int check(const std::string& file, const config::Config& config, const tedd::Credentials& credentials) {
  tedd::Follower follower;
  const auto now = tedd::resolve(follower, config, file, tedd::Loop::now());
  if (!now) {
    for (const std::string& reason : now.error()) std::fprintf(stderr, "%s\n", reason.c_str());
    return tedd::kExitConfig;
  }
  if (const auto wrong = tedd::ControlServer::fault_of_readers(config.gateway.readers)) {
    std::fprintf(stderr, "%s: 'readers' in [gateway]: %s\n", file.c_str(), wrong->c_str());
    return tedd::kExitConfig;
  }
  const policy::Snapshot snapshot(now->rules);
  if (const auto planned = policy::plan_guard(snapshot); !planned) {
    const config::ConfigError error{file, snapshot.rule(planned.error().rule).source_line, 1, planned.error().message,
                                    planned.error().hint};
    std::fprintf(stderr, "%s\n", error.text().c_str());
    return tedd::kExitConfig;
  }
  for (const policy::Remark& remark : policy::shadow_remarks(snapshot)) std::puts(remark.text.c_str());
  for (const policy::Remark& remark : policy::remarks(snapshot)) std::puts(remark.text.c_str());
  for (const policy::Remark& remark : tedd::beyond_own_blocks(credentials, now->rules)) std::puts(remark.text.c_str());
  for (const policy::Remark& remark : config::idle_rules(config, now->rules)) std::puts(remark.text.c_str());
  // No error: the machine may be another one, and interfaces come late.
  if (const auto outside = tedd::look_outside(config.gateway)) {
    for (const std::string& text : tedd::texts(*outside)) std::puts(text.c_str());
  }
  std::printf("%s: %zu %s, no errors\n", file.c_str(), now->rules.size(), now->rules.size() == 1 ? "rule" : "rules");
  return tedd::kExitOk;
}

/// A start that fails opens nothing that the policy before it closed, as far as that is known. One that would only have
/// observed closes nothing, either.
int fail(const tedd::Options& options, int status) {
  if (options.mode != tedd::Mode::kRun) return status;
  tedd::log(tedd::Level::kWarning, "TED-LAST-GOOD", tedd::LastGood(options.state).stand_in());
  return status;
}

int run(const tedd::Options& options) {
  auto text = config::read(options.config);
  auto config = text ? config::parse(*text, options.config) : std::unexpected(text.error());
  if (!config) {
    for (const auto& error : config.error()) std::fprintf(stderr, "%s\n", error.text().c_str());
    return fail(options, tedd::kExitConfig);
  }
  const auto fail = [&options, observes = config->gateway.mode == config::Mode::kObserve](int status) {
    return observes ? status : ::fail(options, status);
  };
  auto credentials = tedd::load_credentials(*config);
  if (!credentials) {
    std::fprintf(stderr, "%s: %s\n", options.config.c_str(), credentials.error().text.c_str());
    // With a clock that is not set yet it is worth another try, which systemd makes of a failure.
    const bool may_pass = credentials.error().is_of_dates && options.mode == tedd::Mode::kRun;
    return fail(may_pass ? tedd::kExitFailure : tedd::kExitConfig);
  }
  auto discovery = tedd::load_discovery_keys(*config, *credentials);
  if (!discovery) {
    std::fprintf(stderr, "%s: %s\n", options.config.c_str(), discovery.error().c_str());
    return fail(tedd::kExitConfig);
  }
  if (options.mode == tedd::Mode::kCheck) {
    return check(options.config, *config, *credentials);
  }
  tedd::Gateway gateway({.file = options.config,
                         .text = *std::move(text),
                         .config = *std::move(config),
                         .credentials = *std::move(credentials),
                         .discovery = *std::move(discovery),
                         .last_good = tedd::LastGood(options.state),
                         .peers_met = tedd::PeersMet(options.state)});
  if (const auto started = gateway.start(); !started) {
    tedd::log(tedd::Level::kError, "TED-START-FAILED", started.error());
    return fail(tedd::kExitFailure);
  }
  return gateway.run() ? tedd::kExitOk : tedd::kExitFailure;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2 && arguments[1] == std::string_view(tedd::kExaminerOption)) return tedd::examine_until_closed();
  pki::keep_keys_in_memory();
  rights::lower();  // the threads of the metrics come later, and have none either
  const auto options = tedd::parse_options(count, arguments);
  if (!options) {
    std::fprintf(stderr, "tedd: %s\n%s", options.error().c_str(), tedd::kUsage);
    // A service with a wrong option is a start that fails like any other; somebody who types one is not.
    tedd::Options meant;
    meant.state = tedd::state_folder();
    const bool starts = std::none_of(arguments, arguments + count, [](std::string_view argument) {
      return argument == "--check" || argument == "--release" || argument == "--version" || argument == "--help";
    });
    return starts && !meant.state.empty() ? fail(meant, tedd::kExitUsage) : tedd::kExitUsage;
  }
  try {
    switch (options->mode) {
      case tedd::Mode::kHelp: std::fputs(tedd::kUsage, stdout); return tedd::kExitOk;
      case tedd::Mode::kVersion: std::printf("tedd %s\n", tedd::kVersion); return tedd::kExitOk;
      case tedd::Mode::kRelease: return release();
      case tedd::Mode::kRun:
      case tedd::Mode::kCheck: return run(*options);
    }
  } catch (const std::exception& error) {  // no memory, or no event loop: nothing can go on
    std::fprintf(stderr, "tedd: %s\n", error.what());
  }
  return fail(*options, tedd::kExitFailure);
}
