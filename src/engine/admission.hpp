// Who is answered how often: a bucket for all, one for those that ask for much, and one for each gateway that probes
// claim to come from.
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

/// At most kMaxAskers gateways are told apart; the one that asked least recently makes room.
class Admission {
 public:
  /// `secret`: nobody can know it, so that nobody can claim to be gateways which one look-up walks through.
  Admission(std::uint64_t secret, Counters& counters)
      : askers_(kMaxAskers, counters.cell(Counter::kAskersForgotten), base::AddressHash::keyed(secret)) {}

  /// True when a probe that claims to come from `gateway` may be answered now.
  bool admit(const base::Address& gateway, base::Instant now);
  /// Ask for the memory that admit() reads, the second for what the first has led to (base/fetch.hpp).
  void fetch(const base::Address& gateway) const { askers_.fetch(gateway); }
  void fetch_found(const base::Address& gateway) const { askers_.fetch_found(gateway); }
  /// It is answered no more until then: it asked for a tunnel that it may not have, and would ask again at once.
  void hold_down(const base::Address& gateway, base::Instant until);

 private:
  struct Asker {
    base::Instant held_until{};
    TokenBucket bucket{kAnswersPerGateway, kAnswersPerGatewayBurst};
  };

  TokenBucket all_{kAnswersPerSecond, kAnswersBurst};
  TokenBucket busy_{kAnswersToBusy, kAnswersToBusyBurst};
  base::Recent<base::Address, Asker, base::AddressHash> askers_;
};

}  // namespace engine
