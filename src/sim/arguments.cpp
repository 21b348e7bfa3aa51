#include "sim/arguments.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <string>

#include "base/number.hpp"

namespace sim {

namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& text, const std::string& hint) {
  throw CLI::ValidationError(option, "'" + text + "': " + hint);
}

std::uint32_t count_in(const std::string& option, const std::string& text) {
  const auto count = base::parse_number<std::uint32_t>(text, 1'000'000);
  if (!count) refuse(option, text, "a number up to 1000000");
  return *count;
}

/// `COUNT` or `COUNT:SECONDS`
Trouble trouble_in(const std::string& option, const std::string& text) {
  const std::size_t colon = text.find(':');
  Trouble trouble{.count = count_in(option, text.substr(0, colon))};
  if (colon != std::string::npos) trouble.lasts = std::chrono::seconds(count_in(option, text.substr(colon + 1)));
  return trouble;
}

/// `forge:SHARE`, `replay:SHARE`, `mangle:SHARE` or `flood:RATE`
void attack_in(const std::string& text, Options& options) {
  const std::size_t colon = text.find(':');
  const std::map<std::string, double*> kinds = {
      {"forge", &options.forge}, {"replay", &options.replay}, {"mangle", &options.mangle}, {"flood", &options.flood}};
  const auto kind = kinds.find(text.substr(0, colon));
  double value = -1;
  const bool read = colon != std::string::npos && CLI::detail::lexical_cast(text.substr(colon + 1), value);
  if (kind == kinds.end() || !read || value < 0 || (kind->first != "flood" && value > 1)) {
    refuse("--attack", text, "forge:SHARE, replay:SHARE, mangle:SHARE (0 to 1) or flood:PROBES_A_SECOND");
  }
  *kind->second = value;
}

void add_share(CLI::App& app, const char* name, double& target, const char* help) {
  app.add_option(name, target, help)->check(CLI::Range(0.0, 1.0))->type_name("SHARE");
}

template <class Unit>
void add_time(CLI::App& app, const char* name, base::Duration& target, const char* help) {
  const auto take = [&target](std::uint32_t count) { target = Unit(count); };
  app.add_option_function<std::uint32_t>(name, take, help)->type_name(Unit(1) < std::chrono::seconds(1) ? "MS" : "S");
}

void add_network(CLI::App& app, Options& options) {
  app.add_option("--gateways", options.gateways, "Gateways")->check(CLI::Range(2, 60'000));
  app.add_option("--hosts", options.hosts, "Hosts, in all")->check(CLI::Range(1, 8'000'000));
  app.add_option("--flows", options.flows, "Flows")->check(CLI::Range(0, 10'000'000));
  app.add_option("--peers", options.peers, "Sites that one site talks to; 0: all");
  add_share(app, "--crossing", options.crossing, "Flows whose destination starts one in return at once");
  add_share(app, "--transit", options.transit, "Gateways that stand in the path to another's site");
  add_share(app, "--standby", options.standby, "Gateways that stand by for another's site");
  app.add_flag_callback("--ipv6", [&options] { options.family = base::Family::kV6; }, "IPv6 throughout");
  // Not CLI11's transformer, which shows the values as well: bytes of an enumeration, in the help.
  const auto take = [&options](const std::string& kind) {
    options.policies = kind == "plain" ? PolicyKind::kPlain : kind == "mesh" ? PolicyKind::kMesh : PolicyKind::kRandom;
  };
  app.add_option_function<std::string>("--policies", take, "What policies look like")
      ->check(CLI::IsMember({"plain", "mesh", "random"}))
      ->type_name("KIND");
}

void add_proofs(CLI::App& app, Options& options) {
  const auto take = [&options](const std::string& kind) {
    options.proofs = kind == "none" ? Proofs::kNone : kind == "key" ? Proofs::kKey : Proofs::kSignature;
  };
  app.add_option_function<std::string>("--proofs", take, "What discovery proves itself with, everywhere")
      ->check(CLI::IsMember({"none", "key", "signature"}))
      ->type_name("KIND");
  add_share(app, "--foreign", options.foreign, "With proofs: gateways that hold another key than the others");
}

void add_links(CLI::App& app, Options& options) {
  add_time<std::chrono::milliseconds>(app, "--delay", options.delay, "One way between two gateways");
  add_time<std::chrono::milliseconds>(app, "--jitter", options.jitter, "Up to so much more, by chance");
  app.add_option("--asymmetry", options.asymmetry, "How much longer one way may be, as a share of the delay")
      ->check(CLI::Range(0.0, 100.0));
  add_share(app, "--loss", options.loss, "Datagrams that are lost");
  add_share(app, "--reorder", options.reorder, "Datagrams that others overtake");
  add_share(app, "--duplicate", options.duplicate, "Datagrams that arrive twice");
}

void add_trouble(CLI::App& app, Options& options) {
  const auto trouble = [&app](const char* name, Trouble& target, const char* help) {
    const auto take = [&target, name](const std::string& text) { target = trouble_in(name, text); };
    app.add_option_function<std::string>(name, take, help)->type_name("COUNT[:SECONDS]");
  };
  trouble("--partition", options.partitions, "The network falls in two, so often, for so long");
  trouble("--churn", options.churn, "A tedd, a charon or a gateway ends, and starts again");
  app.add_option("--routes", options.moves, "Moves of a site's prefix to its standby, or of a gateway in its path");
  app.add_option("--reload", options.reloads, "Policies that are replaced");
  add_share(app, "--ike-failure", options.ike_failure, "Negotiations that are refused");
  app.add_option("--room", options.room,
                 "Discoveries, and openings, that a gateway has room for; 0: as many as tedd's");
  const auto attack = [&options](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) attack_in(text, options);
  };
  app.add_option_function<std::vector<std::string>>("--attack", attack,
                                                    "forge:SHARE, replay:SHARE, mangle:SHARE or flood:RATE; repeat it")
      ->type_name("KIND:VALUE");
}

void add_times(CLI::App& app, Options& options) {
  using std::chrono::seconds;
  add_time<seconds>(app, "--ramp", options.ramp, "Flows start within");
  add_time<seconds>(app, "--calm", options.calm, "When loss and trouble end; 0: there is none");
  add_time<seconds>(app, "--within", options.within, "A flow has its tunnel so soon, once it is calm");
  add_time<seconds>(app, "--rekey", options.rekey, "Tunnels are rekeyed so often; 0: never");
  add_time<seconds>(app, "--think", options.think, "Between two packets of a flow that arrive");
  app.add_flag("--strict", options.strict, "A flow that a route move stranded is a violation, too");
}

}  // namespace

Invocation parse_arguments(int argc, char** argv) {
  Invocation invocation;
  CLI::App app{"tedsim: the engines of many gateways, in virtual time. The same seed gives the same bytes."};
  add_network(app, invocation.options);
  add_proofs(app, invocation.options);
  add_links(app, invocation.options);
  add_trouble(app, invocation.options);
  add_times(app, invocation.options);
  app.add_option("--seed", invocation.options.seed, "Everything that is left to chance");
  app.add_flag("--random", invocation.random, "Draw all of the above from the seed: a small world with every trouble");
  app.add_option("--to", invocation.last_seed, "With --random: one world for each seed up to this");
  app.add_flag("--twice", invocation.twice, "Run twice, and compare the bytes");
  app.add_flag("--json", invocation.json, "The result as JSON");
  app.add_option("--html", invocation.html, "Write the result as a page to this file");
  app.add_flag("--time", invocation.timing, "Say on standard error what it took");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    static constexpr int kUsage = 2;
    invocation.status = app.exit(error) == 0 ? 0 : kUsage;
    return invocation;
  }
  if (invocation.random) {
    const bool strict = invocation.options.strict;
    invocation.options = random_options(invocation.options.seed);
    invocation.options.strict = strict;
  }
  return invocation;
}

}  // namespace sim
