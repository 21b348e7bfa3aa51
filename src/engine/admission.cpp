#include "engine/admission.hpp"

namespace engine {

void Admission::hold_down(const base::Address& gateway, base::Instant until) {
  askers_.touch(gateway).held_until = until;
}

bool Admission::admit(const base::Address& gateway, base::Instant now) {
  Asker& one = askers_.touch(gateway);
  // The asker's own bucket first: one that asks too often does not use up what is there for all.
  TokenBucket& own = one.bucket;
  if (now < one.held_until || !own.take(now)) return false;
  const bool busy = own.left() < kAnswersPerGatewayBurst - kCalmAnswers;
  return (!busy || busy_.take(now)) && all_.take(now);
}

}  // namespace engine
