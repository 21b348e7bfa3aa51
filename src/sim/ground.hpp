// What every part of a simulation stands on: time, chance, what is due, who is where, and the record of it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "base/time.hpp"
#include "sim/event_queue.hpp"
#include "sim/metrics.hpp"
#include "sim/options.hpp"
#include "sim/random.hpp"
#include "sim/story.hpp"
#include "sim/topology.hpp"

namespace sim {

/// Something happened that must never happen: the run ends. Thrown within this layer only, caught by Simulation::run.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Ground {
  explicit Ground(const Options& what) : options(what), random(what.seed), topology(options, random) {
    island.assign(topology.sites(), 0);
  }

  const Options options;
  SeededRandom random;
  Topology topology;
  EventQueue queue;
  base::Instant now{};
  Metrics metrics;
  Story story;
  std::vector<std::uint8_t> island;  ///< of each site: those of different ones do not reach each other
  bool calm = false;                 ///< no trouble and no loss any more

  void after(base::Duration delay, Happens what, std::uint32_t a = 0, std::uint32_t b = 0) {
    queue.push(now + delay, what, a, b);
  }
  void tell(Tale tale, std::uint32_t from = kNobody, std::uint32_t to = kNobody, std::uint32_t about = kNobody) {
    story.tell({now, from, to, about, tale});
  }
  /// True with probability `share`.
  [[nodiscard]] bool chance(double share) {
    return share > 0 && random.chance(static_cast<std::uint32_t>(share * 1'000'000));
  }
  /// A time below `bound`; zero when that is.
  [[nodiscard]] base::Duration up_to(base::Duration bound) {
    if (bound.count() <= 0) return {};
    return base::Duration(static_cast<base::Duration::rep>(random.jitter(static_cast<std::uint64_t>(bound.count()))));
  }
  [[nodiscard]] bool connected(GatewayIndex one, GatewayIndex other) const {
    return island[topology.home(one)] == island[topology.home(other)];
  }
};

}  // namespace sim
