#include "engine/admission.hpp"

namespace engine {

Admission::Asker& Admission::asker(const base::Address& gateway) {
  const auto known = by_gateway_.find(gateway);
  if (known == by_gateway_.end()) {
    if (recent_.size() >= kMaxAskers) {
      by_gateway_.erase(recent_.back().gateway);
      recent_.pop_back();
    }
    recent_.push_front(Asker{gateway});
    by_gateway_[gateway] = recent_.begin();
  } else {
    recent_.splice(recent_.begin(), recent_, known->second);
  }
  return recent_.front();
}

void Admission::hold_down(const base::Address& gateway, base::Instant until) {
  asker(gateway).held_until = until;
}

bool Admission::admit(const base::Address& gateway, base::Instant now) {
  Asker& one = asker(gateway);
  // The asker's own bucket first: one that asks too often does not use up what is there for all.
  TokenBucket& own = one.bucket;
  if (now < one.held_until || !own.take(now)) return false;
  const bool busy = own.left() < kAnswersPerGatewayBurst - kCalmAnswers;
  return (!busy || busy_.take(now)) && all_.take(now);
}

}  // namespace engine
