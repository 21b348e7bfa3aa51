// tedbench: what OpenTED costs on this machine. docs/performance.md has results and their meaning.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>

#include "cases.hpp"
#include "chase.hpp"
#include "delay.hpp"
#include "guard_case.hpp"
#include "live_flood.hpp"
#include "platform/nft/guard.hpp"
#include "probes_case.hpp"
#include "report.hpp"

namespace {

constexpr const char* kUsage =
    "tedbench [micro|policy|guard|interception|discovery|all] [--json] [--runs N]\n"
    "  micro      decoding, encoding, intersection and whole engine events, beside this machine's floors\n"
    "  policy     first match and carving at 10 to 100,000 rules, beside DPDK's rte_acl where it is installed\n"
    "  guard      a forwarded packet, and a replacement, with 10 to 100,000 rules (needs root; not part of all)\n"
    "  interception  probes answered beside a bare echo, and under a flood with and without the shield (needs root; "
    "not part of all)\n"
    "  discovery  first packet to tunnel up, beside strongSwan alone that is told peer and selectors (needs root)\n"
    "  all        everything (default)\n"
    "  --runs N   repetitions; default 21 for micro, 5 for policy, 20 of each kind for discovery\n";

struct Options {
  bool micro = true;
  bool policy = true;
  bool discovery = true;
  bool json = false;
  std::optional<unsigned> runs;
};

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "micro") {
      options.policy = options.discovery = false;
    } else if (word == "policy") {
      options.micro = options.discovery = false;
    } else if (word == "discovery") {
      options.micro = options.policy = false;
    } else if (word == "--json") {
      options.json = true;
    } else if (word == "--runs" && i + 1 < argc) {
      options.runs = number<unsigned>(argv[++i]);
      if (!options.runs) return std::nullopt;
    } else if (word != "all") {
      return std::nullopt;
    }
  }
  if (!options.micro && !options.policy && !options.discovery) return std::nullopt;
  return options;
}

/// With --json what discovery.py printed, else it prints its table itself; nothing when it failed, and said why.
std::optional<std::string> run_discovery(const Options& options) {
  std::string command = "exec python3 '" OPENTED_BENCH_FOLDER "/discovery.py'";
  if (options.runs) command += " --runs " + std::to_string(*options.runs);
  if (!options.json) return std::system(command.c_str()) == 0 ? std::optional<std::string>("") : std::nullopt;
  FILE* pipe = ::popen((command + " --json").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  if (::pclose(pipe) != 0) return std::nullopt;
  return out;
}

int carry_frames(char** argv) {
  const auto microseconds = number<long>(argv[4]);
  if (!microseconds) return 2;
  const std::string reason = bench::carry(argv[2], argv[3], std::chrono::microseconds(*microseconds));
  std::fprintf(stderr, "tedbench: %s\n", reason.c_str());
  return 1;
}

int replace_guard(char** argv) {
  const auto rules = number<std::size_t>(argv[2]);
  if (!rules) return 2;
  const auto done = bench::replace_guard(*rules, argv[3]);
  if (!done) {
    std::fprintf(stderr, "tedbench: %s\n", done.error().c_str());
    return 1;
  }
  std::printf("%.1f %.1f\n", done->plan_ms, done->kernel_ms);
  return 0;
}

int keep_net(char** argv) {
  const auto rules = number<std::size_t>(argv[2]);
  if (!rules) return 2;
  std::fprintf(stderr, "tedbench: %s\n", bench::keep_net(*rules).c_str());
  return 1;
}

int send_flood(char** argv) {
  const auto count = number<std::size_t>(argv[2]);
  if (!count) return 2;
  const double nanoseconds = bench::flood(*count);
  std::printf("%.1f\n", nanoseconds);
  return nanoseconds < 0 ? 1 : 0;
}

int chase(char** argv) {
  const auto mib = number<std::size_t>(argv[2]);
  if (!mib) return 2;
  std::printf("%.2f\n", bench::nanoseconds_a_load(*mib));
  return 0;
}

int ask_probes(char** argv) {
  const auto count = number<std::size_t>(argv[2]);
  const auto window = number<std::size_t>(argv[3]);
  if (!count || !window) return 2;
  const auto asked = bench::ask(*count, *window, number<std::size_t>(argv[4]).value_or(0));
  if (!asked) {
    std::fprintf(stderr, "tedbench: %s\n", asked.error().c_str());
    return 1;
  }
  const auto& each = asked->answers_us;
  std::printf("%zu %.6f %.1f\n", asked->answered, asked->seconds, each.empty() ? 0 : each[each.size() / 2]);
  return 0;
}

int flood_probes(char** argv) {
  const auto sources = number<std::size_t>(argv[4]);
  const auto seconds = number<std::size_t>(argv[5]);
  if (!sources || !seconds) return 2;
  const auto sent = bench::flood_with_probes(argv[2], argv[3], *sources, static_cast<double>(*seconds));
  if (!sent) {
    std::fprintf(stderr, "tedbench: %s\n", sent.error().c_str());
    return 1;
  }
  std::printf("%zu\n", *sent);
  return 0;
}

int flood_live(char** argv) {
  const auto sources = number<std::size_t>(argv[4]);
  const auto seconds = number<unsigned>(argv[5]);
  if (!sources || !seconds) return 2;
  const auto frames = bench::flood_frames(argv[3], *sources);
  const auto sent = !frames ? std::unexpected(frames.error())
                            : bench::flood_live(argv[2], *frames, *seconds, number<std::uint64_t>(argv[6]).value_or(0));
  if (!sent) {
    std::fprintf(stderr, "tedbench: %s\n", sent.error().c_str());
    return 1;
  }
  std::printf("%zu\n", static_cast<std::size_t>(*sent));
  return 0;
}

int echo_probes(char** argv) {
  const auto group = number<std::uint16_t>(argv[2]);
  if (!group) return 2;
  std::fprintf(stderr, "tedbench: %s\n", bench::echo(*group, nft::kOwnMark).c_str());
  return 1;
}

/// Measurements that a script drives, with its own table.
int run_script(const std::string& name, int argc, char** argv) {
  std::string command = "exec python3 '" OPENTED_BENCH_FOLDER "/" + name + ".py'";
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      command += " --json";
    } else if (word == "--runs" && i + 1 < argc && number<unsigned>(argv[i + 1])) {
      command += " --runs " + std::to_string(*number<unsigned>(argv[++i]));
    } else {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  return std::system(command.c_str()) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "delay") return carry_frames(argv);         // for discovery.py
  if (argc == 4 && std::string_view(argv[1]) == "guard-put") return replace_guard(argv);    // for guard.py
  if (argc == 3 && std::string_view(argv[1]) == "guard-net") return keep_net(argv);         // likewise
  if (argc == 3 && std::string_view(argv[1]) == "flood") return send_flood(argv);           // likewise
  if (argc == 3 && std::string_view(argv[1]) == "chase") return chase(argv);                // for scaling.py
  if (argc == 5 && std::string_view(argv[1]) == "probes-ask") return ask_probes(argv);      // for interception.py
  if (argc == 6 && std::string_view(argv[1]) == "probes-flood") return flood_probes(argv);  // likewise
  if (argc == 7 && std::string_view(argv[1]) == "probes-flood-live") return flood_live(argv);
  if (argc == 3 && std::string_view(argv[1]) == "probes-echo") return echo_probes(argv);  // likewise
  for (const std::string name : {"guard", "interception"}) {
    if (argc >= 2 && argv[1] == name) return run_script(name, argc, argv);
  }
  const auto options = parse(argc, argv);
  if (!options) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  bench::Results results{.machine = bench::this_machine(),
                         .cases = {},
                         .samples = {},
                         .policy_cases = {},
                         .policy_samples = {},
                         .facts = {},
                         .network = {}};
  std::size_t facts_printed = 0;
  const auto print_facts = [&] {
    for (; facts_printed < results.facts.size() && !options->json; ++facts_printed) {
      std::printf("%s\n", results.facts[facts_printed].c_str());
    }
    std::fflush(stdout);
  };
  if (!options->json) std::fputs(as_text(results.machine).c_str(), stdout);
  std::fflush(stdout);
  if (options->micro) {
    bench::add_wire_cases(results.cases);
    bench::add_engine_cases(results.cases);
    results.samples = bench::measure(results.cases, options->runs.value_or(21));
    bench::add_engine_facts(results.facts);
    if (!options->json) std::fputs(as_text(results.cases, results.samples).c_str(), stdout);
    print_facts();
  }
  if (options->policy) {
    if (!bench::add_policy_cases(results.policy_cases, results.facts)) return 1;
    results.policy_samples = bench::measure(results.policy_cases, options->runs.value_or(5));
    if (!options->json) std::fputs(as_text(results.policy_cases, results.policy_samples).c_str(), stdout);
    print_facts();
  }
  if (options->discovery) {
    results.network = run_discovery(*options);
    if (!results.network) return 1;
  }
  if (options->json) std::fputs(as_json(results).c_str(), stdout);
  return 0;
}
