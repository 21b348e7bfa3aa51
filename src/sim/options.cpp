#include "sim/options.hpp"

#include "sim/random.hpp"

namespace sim {

using namespace std::chrono_literals;

Options random_options(std::uint64_t seed) {
  SeededRandom random(seed ^ 0x7465647369'6dU);
  const auto up_to = [&](std::uint64_t bound) { return static_cast<std::uint32_t>(random.jitter(bound)); };
  // Half of the worlds have none of it.
  const auto share = [&](double most) { return up_to(2) == 0 ? 0.0 : most * up_to(1000) / 1000; };
  Options options;
  options.seed = seed;
  options.gateways = 2 + up_to(7);
  options.hosts = options.gateways * (1 + up_to(30));
  options.flows = 10 + up_to(60);
  options.family = up_to(4) == 0 ? base::Family::kV6 : base::Family::kV4;
  options.policies = up_to(5) == 0 ? PolicyKind::kMesh : PolicyKind::kRandom;
  options.peers = 0;
  options.crossing = share(1);
  options.transit = share(0.3);
  options.standby = share(0.3);
  options.delay = std::chrono::milliseconds(1 + up_to(150));
  options.jitter = std::chrono::milliseconds(up_to(50));
  options.asymmetry = share(3);
  options.loss = share(0.5);
  options.reorder = share(0.3);
  options.duplicate = share(0.3);
  options.partitions = {up_to(3), std::chrono::seconds(1 + up_to(40))};
  options.churn = {up_to(5), std::chrono::seconds(1 + up_to(10))};
  options.moves = up_to(4);
  options.reloads = up_to(3);
  options.ike_failure = share(0.5);
  options.forge = share(0.5);
  options.replay = share(0.5);
  options.mangle = share(0.3);
  options.flood = up_to(4) == 0 ? 1 + up_to(200) : 0;
  options.ramp = std::chrono::seconds(1 + up_to(30));
  options.calm = 45s;
  options.within = 190s;  // dead peer detection, for what path checks do not show
  options.rekey = up_to(2) == 0 ? std::chrono::seconds(5 + up_to(60)) : 0s;
  // Half of the worlds see to their end what it finds; in the others path checks alone are as quick as they have to be.
  if (up_to(2) == 0) options.dead_peer = std::chrono::seconds(20 + up_to(40));
  // So that tables are met full: what was remembered makes room, and flows wait for theirs.
  if (up_to(8) == 0) options.room = 2 + up_to(6);
  if (up_to(3) == 0) {
    options.proofs = up_to(2) == 0 ? Proofs::kKey : Proofs::kSignature;
    options.foreign = share(0.5);
  }
  return options;
}

}  // namespace sim
