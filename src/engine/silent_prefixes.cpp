#include "engine/silent_prefixes.hpp"

namespace engine {

namespace {

constexpr unsigned kHostBitsV4 = 8;
constexpr unsigned kHostBitsV6 = 64;

}  // namespace

SilentPrefixes::Key SilentPrefixes::key_of(policy::RuleIndex rule, const base::Address& destination) {
  const unsigned host_bits = destination.family() == base::Family::kV4 ? kHostBitsV4 : kHostBitsV6;
  return {rule, base::Address(destination.family(), destination.value() >> host_bits << host_bits)};
}

void SilentPrefixes::unanswered(policy::RuleIndex rule, const base::Address& destination) {
  ++networks_[key_of(rule, destination)].silent;
}

void SilentPrefixes::forgotten(policy::RuleIndex rule, const base::Address& destination) {
  const auto found = networks_.find(key_of(rule, destination));
  if (found != networks_.end() && --found->second.silent == 0) networks_.erase(found);
}

bool SilentPrefixes::may_probe(policy::RuleIndex rule, const base::Address& destination, base::Instant now) {
  const auto found = networks_.find(key_of(rule, destination));
  if (found == networks_.end() || found->second.silent < kSilentDestinations) return true;
  if (now < found->second.next_trial) return false;
  found->second.next_trial = now + kHoldDownMax;
  return true;
}

}  // namespace engine
