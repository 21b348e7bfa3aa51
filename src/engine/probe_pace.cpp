#include "engine/probe_pace.hpp"

#include "base/host.hpp"

namespace engine {

bool ProbePace::admit(const base::Address& host, base::Instant now) {
  // The host's own bucket first: one that asks too often does not use up what is there for all.
  TokenBucket& own = hosts_.touch(base::host_of(host)).bucket;
  if (!own.take(now)) return false;
  const bool busy = own.left() < kDiscoveriesPerHostBurst - kCalmDiscoveries;
  return (!busy || busy_.take(now)) && all_.take(now);
}

}  // namespace engine
