#include "policy/widen.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "policy/region.hpp"

namespace policy {

namespace {

using base::MaskedAddress;
using base::PortRange;
using base::SelectorEnd;

bool lies_in(const Region& region, const SelectorEnd& end) {
  return !overlap(region.holes, end) && covers(region.whole, end);
}

std::optional<MaskedAddress> parent(const MaskedAddress& prefix) {
  if (prefix.mask() == 0) return std::nullopt;
  return MaskedAddress(prefix.address(), prefix.mask() & (prefix.mask() - 1));
}

PortRange doubled(PortRange block) {
  const std::uint32_t size = (static_cast<std::uint32_t>(block.hi) - block.lo + 1) * 2;
  const auto lo = static_cast<std::uint16_t>(block.lo / size * size);
  return {lo, static_cast<std::uint16_t>(lo + size - 1)};
}

// As far as the holes at that address let the range reach.
PortRange reach(const SelectorEnd& end, const Region& region) {
  PortRange limit = PortRange::any();
  for (const SelectorEnd& hole : region.holes) {
    if (!hole.address.intersect(end.address)) continue;
    if (hole.port.hi < end.port.lo) limit.lo = std::max(limit.lo, static_cast<std::uint16_t>(hole.port.hi + 1));
    if (hole.port.lo > end.port.hi) limit.hi = std::min(limit.hi, static_cast<std::uint16_t>(hole.port.lo - 1));
  }
  return limit;
}

bool take(SelectorEnd& end, const Region& region, PortRange range) {
  if (range == end.port || !covers(region.whole, {end.address, range})) return false;
  end.port = range;
  return true;
}

// One side of the range after the other, to where one of the whole's ranges ends.
void widen_range(SelectorEnd& end, const Region& region) {
  const PortRange limit = reach(end, region);
  for (bool changed = true; changed;) {
    changed = false;
    for (const SelectorEnd& whole : region.whole) {
      if (!whole.address.intersect(end.address)) continue;
      const auto lo = std::min(end.port.lo, std::max(limit.lo, whole.port.lo));
      const auto hi = std::max(end.port.hi, std::min(limit.hi, whole.port.hi));
      const bool lower = take(end, region, {lo, end.port.hi});
      changed = take(end, region, {end.port.lo, hi}) || lower || changed;
    }
  }
}

void widen(SelectorEnd& end, const Region& region, DataPlane plane) {
  for (auto larger = parent(end.address); larger && lies_in(region, {*larger, end.port}); larger = parent(*larger)) {
    end.address = *larger;
  }
  if (end.port.is_any()) return;
  if (plane == DataPlane::kUserspace) return widen_range(end, region);
  while (!end.port.is_any() && lies_in(region, {end.address, doubled(end.port)})) end.port = doubled(end.port);
}

}  // namespace

void widen(std::vector<SelectorEnd>& ends, const Region& region, DataPlane plane) {
  std::vector<SelectorEnd> kept;
  const auto covers_it = [](const SelectorEnd& end) {
    return
        [&end](const SelectorEnd& other) { return other.address.covers(end.address) && other.port.covers(end.port); };
  };
  for (SelectorEnd end : ends) {
    if (std::ranges::any_of(kept, covers_it(end))) continue;
    widen(end, region, plane);
    std::erase_if(kept, [&](const SelectorEnd& other) { return covers_it(other)(end); });
    kept.push_back(end);
  }
  ends = std::move(kept);
}

}  // namespace policy
