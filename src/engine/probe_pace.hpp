// How often somebody is looked for: a bucket for all, one for hosts that ask for much, and one for each host behind us.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/address_hash.hpp"
#include "base/recent.hpp"
#include "base/time.hpp"
#include "engine/counters.hpp"
#include "engine/limits.hpp"
#include "engine/token_bucket.hpp"

namespace engine {

/// Nobody inside makes this gateway a source of probes, and no number of hosts that scan keeps the others from theirs.
/// At most kMaxAskingHosts are told apart; the one that asked least recently makes room.
class ProbePace {
 public:
  /// `secret`: nobody can know it, so that nobody can take addresses which one look-up walks through.
  ProbePace(std::uint64_t secret, Counters& counters)
      : hosts_(kMaxAskingHosts, counters.cell(Counter::kHostsForgotten), base::AddressHash::keyed(secret)) {}

  /// True when a discovery may begin now for a flow of that host; an IPv6 host has all of its /64.
  bool admit(const base::Address& host, base::Instant now);

 private:
  TokenBucket all_{kDiscoveriesPerSecond, kDiscoveriesBurst};
  TokenBucket busy_{kDiscoveriesOfBusy, kDiscoveriesOfBusyBurst};
  struct Host {
    TokenBucket bucket{kDiscoveriesPerHost, kDiscoveriesPerHostBurst};
  };
  base::Recent<base::Address, Host, base::AddressHash> hosts_;
};

}  // namespace engine
