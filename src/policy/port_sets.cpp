#include "policy/port_sets.hpp"

#include <algorithm>
#include <cstdint>

#include "policy/ports.hpp"

namespace policy {

namespace {

using base::PortRange;

// The fewest blocks of 2^n ports at multiples of 2^n.
void add_blocks(PortRange range, PortRanges& out) {
  std::uint32_t next = range.lo;
  while (next <= range.hi) {
    const PortRange block = port_block({static_cast<std::uint16_t>(next), range.hi}, static_cast<std::uint16_t>(next));
    out.push_back(block);
    next = static_cast<std::uint32_t>(block.hi) + 1;
  }
}

}  // namespace

PortRanges united(PortRanges ranges) {
  std::ranges::sort(ranges, {}, &PortRange::lo);
  PortRanges out;
  for (const PortRange range : ranges) {
    if (!out.empty() && range.lo <= static_cast<std::uint32_t>(out.back().hi) + 1) {
      out.back().hi = std::max(out.back().hi, range.hi);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

PortRanges without(const PortRanges& ranges, const PortRanges& holes) {
  PortRanges out;
  for (const PortRange range : ranges) {
    std::uint32_t next = range.lo;
    for (const PortRange hole : holes) {
      if (hole.hi < next || hole.lo > range.hi) continue;
      if (hole.lo > next) {
        out.push_back({static_cast<std::uint16_t>(next), static_cast<std::uint16_t>(hole.lo - 1)});
      }
      next = static_cast<std::uint32_t>(hole.hi) + 1;
    }
    if (next <= range.hi) out.push_back({static_cast<std::uint16_t>(next), range.hi});
  }
  return out;
}

PortRanges expressed(const PortRanges& ranges, DataPlane plane) {
  if (plane == DataPlane::kUserspace) return ranges;
  PortRanges blocks;
  for (const PortRange range : ranges) {
    if (range.is_any()) {
      blocks.push_back(range);
    } else {
      add_blocks(range, blocks);
    }
  }
  return blocks;
}

bool is_expressible(PortRange range, DataPlane plane) {
  return plane == DataPlane::kUserspace || range.is_any() || port_block(range, range.lo) == range;
}

}  // namespace policy
