// The part of Gateway that only observes: mode = "observe".
#include "daemon/gateway.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/observation.hpp"

namespace tedd {

// No guard, no charon: copies of what passes come in, probes and what answers them go out. A guard that an earlier tedd
// left would go on dropping what nobody protects any more, so it has to go first, on purpose.
Gateway::Outcome Gateway::observe() {
  auto opened = nft::Client::open();
  if (!opened) return std::unexpected("the observation: nftables says: " + opened.error().message);
  observer_ = std::move(*opened);
  const auto guarded = observer_->exists(nft::kGuardTable);
  if (!guarded) return std::unexpected("the observation: nftables says: " + guarded.error().message);
  if (*guarded) {
    return std::unexpected(
        "the guard of an earlier tedd stands and drops what no tunnel carries, and this one would only observe "
        "(mode = \"observe\"): 'tedd --release' takes it down");
  }
  // Asked for the next time by another socket: libnftables opens its own anew after it has read.
  opened = nft::Client::open();
  if (!opened) return std::unexpected("the observation: nftables says: " + opened.error().message);
  observer_ = std::move(*opened);
  if (auto done = look_anew(); !done) return done;
  keep(last_good_.forget());
  if (auto done = open_sender(); !done) return done;
  shield_.keep();
  return open_metrics();
}

// Under a new policy every flow is new: the kernel forgets which ones it has copied lately.
Gateway::Outcome Gateway::look_anew() {
  if (const auto done = observer_->run(nft::observation_ruleset(kCatchGroup)); !done) {
    return std::unexpected("what passes cannot be copied: nftables says: " + done.error().message);
  }
  return {};
}

}  // namespace tedd
