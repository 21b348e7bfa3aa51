#include "engine/carriers.hpp"

#include <algorithm>

namespace engine {

std::vector<Carriers::Mask>::iterator Carriers::mask_of(const base::MaskedAddress& remote) {
  return std::ranges::find_if(
      masks_, [&](const Mask& mask) { return mask.family == remote.family() && mask.bits == remote.mask(); });
}

// Many selectors of a tunnel have the same remote side: it is entered there once.
void Carriers::enter(Tunnel& tunnel) {
  const auto is_it = [&tunnel](const Tunnel* one) { return one == &tunnel; };
  for (const base::Selector& selector : tunnel.facts.selectors) {
    auto mask = mask_of(selector.remote);
    if (mask == masks_.end()) mask = masks_.insert(mask, {selector.remote.mask(), selector.remote.family()});
    const std::uint64_t hash = hash_of(selector.remote.address(), *mask);
    if (by_remote_.find(hash, is_it) != nullptr) continue;
    by_remote_.insert(hash, &tunnel);
    ++mask->entries;
  }
}

void Carriers::leave(Tunnel& tunnel) {
  const auto is_it = [&tunnel](const Tunnel* one) { return one == &tunnel; };
  for (const base::Selector& selector : tunnel.facts.selectors) {
    const auto mask = mask_of(selector.remote);
    if (mask == masks_.end() || !by_remote_.erase(hash_of(selector.remote.address(), *mask), is_it)) continue;
    if (--mask->entries == 0) masks_.erase(mask);
  }
}

}  // namespace engine
