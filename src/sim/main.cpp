// tedsim: runs a simulation and reports it. Exit status 0 when everything held, 1 when something was violated or could
// not be written, 2 for a wrong command line.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>

#include "sim/arguments.hpp"
#include "sim/report_html.hpp"
#include "sim/report_json.hpp"
#include "sim/simulation.hpp"

namespace {

void say(const sim::Simulation& simulation) {
  const auto& metrics = simulation.ground().metrics;
  const sim::Waits waits = sim::waits_of(simulation.hosts());
  std::printf("seed %llu: %llu flows, %llu with a tunnel, %llu that nobody answers for, %llu stranded\n",
              static_cast<unsigned long long>(simulation.ground().options.seed),
              static_cast<unsigned long long>(metrics.total(sim::Figure::kFlowsStarted)),
              static_cast<unsigned long long>(simulation.hosts().with_tunnel()),
              static_cast<unsigned long long>(simulation.invariants().unanswered()),
              static_cast<unsigned long long>(simulation.invariants().stranded()));
  std::printf(
      "%llu tunnels stand, %llu came up, %llu of them doubles; a flow waits %.0f ms (median), %.0f ms (99 %%)\n",
      static_cast<unsigned long long>(simulation.tunnels().standing()),
      static_cast<unsigned long long>(metrics.total(sim::Figure::kTunnelsUp)),
      static_cast<unsigned long long>(metrics.total(sim::Figure::kTunnelsDouble)), waits.median_ms, waits.p99_ms);
}

void say_violation(const sim::Simulation& simulation, bool random) {
  static constexpr std::size_t kLines = 60;
  const auto told = simulation.ground().story.told();
  for (std::size_t i = told.size() > kLines ? told.size() - kLines : 0; i < told.size(); ++i) {
    std::fprintf(stderr, "%s\n", sim::text(told[i]).c_str());
  }
  std::fprintf(stderr, "seed %llu, %s: %s\n", static_cast<unsigned long long>(simulation.ground().options.seed),
               sim::text(simulation.ground().now).c_str(), simulation.violation()->c_str());
  if (random) {
    std::fprintf(stderr, "replay: tedsim --random --seed %llu\n",
                 static_cast<unsigned long long>(simulation.ground().options.seed));
  }
}

void say_time(const sim::Simulation& simulation, std::chrono::steady_clock::duration passed) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto cpu = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  const double seconds = cpu(used.ru_utime) + cpu(used.ru_stime);
  const auto events = simulation.nodes().engine_events();
  std::fprintf(
      stderr,
      "%.2f s of processor time (%.2f s passed), %.0f MiB at most; %llu engine events, %.0f a second; %llu in all\n",
      seconds, std::chrono::duration<double>(passed).count(), static_cast<double>(used.ru_maxrss) / 1024,
      static_cast<unsigned long long>(events), static_cast<double>(events) / seconds,
      static_cast<unsigned long long>(simulation.events()));
}

// A large world is read all over. In small pages the processor would have to read where most of it stands, too; so what
// it is going to take is taken at once, asked to be in huge ones, and given back to malloc, which keeps it.
void use_huge_pages(const sim::Options& options) {
  static constexpr std::size_t kOfGateway = 150'000;  // bytes, with its share of hosts and flows
  static constexpr std::size_t kPage = 4096;
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT32_MAX);
  std::size_t size = options.gateways * kOfGateway;
  void* const all = std::malloc(size);
  if (all == nullptr) return;
  void* begin = all;
  if (std::align(kPage, kPage, begin, size) != nullptr) madvise(begin, size, MADV_HUGEPAGE);
  std::free(all);
}

/// True when nothing was violated and everything could be written.
bool run(const sim::Options& options, const sim::Invocation& invocation) {
  const auto begin = std::chrono::steady_clock::now();
  sim::Simulation simulation(options);
  simulation.run();
  const auto passed = std::chrono::steady_clock::now() - begin;
  bool good = !simulation.violation();
  const std::string json = invocation.json || invocation.twice ? sim::report_json(simulation) : std::string();
  if (invocation.twice) {
    sim::Simulation again(options);
    again.run();
    if (sim::report_json(again) != json) {
      std::fprintf(stderr, "seed %llu: a second run gives other bytes\n",
                   static_cast<unsigned long long>(options.seed));
      good = false;
    }
  }
  if (invocation.timing) say_time(simulation, passed);
  if (simulation.violation()) say_violation(simulation, invocation.random);
  if (!invocation.html.empty()) {
    std::ofstream file(invocation.html);
    file << sim::report_html(simulation);
    if (!file.flush()) {
      std::fprintf(stderr, "%s: cannot be written\n", invocation.html.c_str());
      good = false;
    }
  }
  if (invocation.last_seed) return good;
  if (invocation.json) {
    std::fputs(json.c_str(), stdout);
  } else {
    say(simulation);
  }
  return good;
}

int run_many(const sim::Invocation& invocation) {
  std::uint64_t failed = 0;
  const std::uint64_t first = invocation.options.seed;
  if (*invocation.last_seed < first) {
    std::fputs("tedsim: --to is before --seed\n", stderr);
    return 2;
  }
  for (std::uint64_t seed = first; seed <= *invocation.last_seed; ++seed) {
    sim::Options options = sim::random_options(seed);
    options.strict = invocation.options.strict;
    if (!run(options, invocation)) ++failed;
  }
  const std::uint64_t worlds = *invocation.last_seed - first + 1;
  std::printf("%llu worlds, %llu failed\n", static_cast<unsigned long long>(worlds),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const sim::Invocation invocation = sim::parse_arguments(argc, argv);
  if (invocation.status) return *invocation.status;
  if (invocation.last_seed) return run_many(invocation);
  use_huge_pages(invocation.options);
  const bool good = run(invocation.options, invocation);
  return std::fflush(stdout) == 0 && good ? 0 : 1;
}
