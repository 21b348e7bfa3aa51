// What a simulation is made of: a plain value. Everything that is not said here follows from the seed.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace sim {

/// What the gateways' policies look like.
enum class PolicyKind : std::uint8_t {
  kPlain,   ///< one line: each protects its own prefix to all of the mesh
  kMesh,    ///< the same, and one gateway in five has an exemption, a block line, or protects some traffic only
  kRandom,  ///< a few random lines each: bypass and block above protect, ports, protocols, masks with holes
};

/// What discovery proves itself with. Where it does, every rule wants it (`authenticated`).
enum class Proofs : std::uint8_t { kNone, kKey, kSignature };

/// So many of one kind of trouble, each lasting about so long.
struct Trouble {
  std::uint32_t count = 0;
  base::Duration lasts = std::chrono::seconds(5);

  bool operator==(const Trouble&) const = default;
};

struct Options {
  // The network.
  std::uint32_t gateways = 10;
  std::uint32_t hosts = 100;  ///< in all
  std::uint32_t flows = 100;
  std::uint64_t seed = 1;
  base::Family family = base::Family::kV4;
  PolicyKind policies = PolicyKind::kMesh;
  std::uint32_t peers = 32;  ///< sites that one site talks to; 0: all
  double crossing = 0;       ///< share of flows whose destination starts one in return at the same moment
  double transit = 0;        ///< share of gateways that stand in the path to another's site
  double standby = 0;        ///< share of gateways that stand by for another's site
  Proofs proofs = Proofs::kNone;
  double foreign =
      0;  ///< where discovery proves itself: share of gateways that hold another key, or another authority's

  // Links, one way between a gateway and another. Shares are from 0 to 1.
  base::Duration delay = std::chrono::milliseconds(10);
  base::Duration jitter{};
  double asymmetry = 0;  ///< how much longer one direction may take than the other, as a share of the delay
  double loss = 0;
  double reorder = 0;
  double duplicate = 0;

  // Trouble, until `calm`.
  Trouble partitions{};
  Trouble churn{};          ///< tedd, charon or a whole gateway ends, and starts again
  std::uint32_t moves = 0;  ///< of a site's prefix behind its standby, or of a transit gateway into or out of the path
  std::uint32_t reloads = 0;                             ///< of a gateway's policy, for another one
  base::Duration dead_peer = std::chrono::seconds(165);  ///< charon notices one after this, and up to 10 s more
  double ike_failure = 0;                                ///< share of negotiations that the responder refuses
  double forge = 0;   ///< share of probes for which somebody on the path answers, too
  double replay = 0;  ///< share of responses, and of probes that prove something, that somebody sends again later
  double mangle = 0;  ///< share of datagrams of which a damaged copy arrives as well
  double flood = 0;   ///< probes with false gateways, a second

  std::uint32_t room = 0;  ///< discoveries, and openings, that a gateway has room for; 0: as many as engine/limits.hpp

  // Time.
  base::Duration ramp = std::chrono::seconds(10);  ///< flows start within
  base::Duration calm{};                           ///< when all trouble and loss ends; 0: there is none from the start
  base::Duration within = std::chrono::seconds(90);  ///< a flow gets its tunnel in this time, once it is calm
  base::Duration rekey{};                          ///< how long a tunnel lives until it is rekeyed; 0: longer than this
  base::Duration think = std::chrono::seconds(5);  ///< between two packets of a flow that has its tunnel
  bool strict = false;  ///< a flow that a route move has left in a tunnel to the wrong gateway is a violation, too

  /// When the simulation ends: late enough that everything that must have happened by then has.
  [[nodiscard]] base::Duration duration() const { return (calm > ramp ? calm : ramp) + within; }

  bool operator==(const Options&) const = default;
};

/// A small random world of that seed: a few gateways, random policies, every kind of trouble.
[[nodiscard]] Options random_options(std::uint64_t seed);

}  // namespace sim
