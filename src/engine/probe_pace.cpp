#include "engine/probe_pace.hpp"

namespace engine {

namespace {

constexpr unsigned kHostBitsV6 = 64;

base::Address host_of(const base::Address& address) {
  if (address.family() == base::Family::kV4) return address;
  return {base::Family::kV6, address.value() >> kHostBitsV6 << kHostBitsV6};
}

}  // namespace

bool ProbePace::admit(const base::Address& host, base::Instant now) {
  // The host's own bucket first: one that asks too often does not use up what is there for all.
  TokenBucket& own = hosts_.touch(host_of(host)).bucket;
  if (!own.take(now)) return false;
  const bool busy = own.left() < kDiscoveriesPerHostBurst - kCalmDiscoveries;
  return (!busy || busy_.take(now)) && all_.take(now);
}

}  // namespace engine
