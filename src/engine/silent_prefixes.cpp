#include "engine/silent_prefixes.hpp"

#include "engine/network.hpp"

namespace engine {

SilentPrefixes::Key SilentPrefixes::key_of(policy::RuleIndex rule, const base::Address& destination) {
  return {rule, network_of(destination).network()};
}

void SilentPrefixes::unanswered(policy::RuleIndex rule, const base::Address& destination) {
  ++networks_[key_of(rule, destination)].silent;
}

void SilentPrefixes::forgotten(policy::RuleIndex rule, const base::Address& destination) {
  const auto found = networks_.find(key_of(rule, destination));
  if (found != networks_.end() && --found->second.silent == 0) networks_.erase(found);
}

bool SilentPrefixes::is_silent(policy::RuleIndex rule, const base::Address& destination) const {
  const auto found = networks_.find(key_of(rule, destination));
  return found != networks_.end() && found->second.silent >= kSilentDestinations;
}

bool SilentPrefixes::may_probe(policy::RuleIndex rule, const base::Address& destination, base::Instant now) {
  const auto found = networks_.find(key_of(rule, destination));
  if (found == networks_.end() || found->second.silent < kSilentDestinations) return true;
  if (now < found->second.next_trial) return false;
  found->second.next_trial = now + kHoldDownMax;
  return true;
}

}  // namespace engine
