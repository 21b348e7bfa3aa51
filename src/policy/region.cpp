#include "policy/region.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>

#include "policy/ports.hpp"
#include "policy/widen.hpp"

namespace policy {

namespace {

using base::MaskedAddress;
using base::PortRange;
using base::Prefix;
using base::SelectorEnd;

// Nodes visited before what has been found must do.
constexpr std::size_t kMaxNodes = 1U << 14;
// Times that ends are widened and the room is filled again; each makes what is covered larger, and few need three.
constexpr std::size_t kMaxRounds = 16;

using Ends = std::vector<const SelectorEnd*>;

// A prefix of the binary tree of addresses, with what of the whole and of the holes meets it.
struct Node {
  Prefix prefix;
  Ends wholes;
  Ends holes;
  unsigned best = 0;    ///< no piece in it is a shorter prefix
  unsigned common = 0;  ///< bits that it shares with P's address
};

// The largest piece first; of equals the deeper node, so that one is finished before the next is begun, then the one
// nearer to P, then the lower address.
struct Later {
  bool operator()(const Node& one, const Node& other) const {
    if (one.best != other.best) return one.best > other.best;
    if (one.prefix.length() != other.prefix.length()) return one.prefix.length() < other.prefix.length();
    if (one.common != other.common) return one.common < other.common;
    return one.prefix.network() > other.prefix.network();
  }
};

unsigned last_significant(const MaskedAddress& set) {
  const unsigned width = base::width(set.family());
  unsigned host_bits = 0;
  while (host_bits < width && (set.mask() >> host_bits & 1) == 0) ++host_bits;
  return width - host_bits;
}

unsigned common_bits(const Prefix& prefix, const base::Address& address) {
  unsigned bits = 0;
  const unsigned width = base::width(prefix.family());
  while (bits < prefix.length() && ((prefix.network().value() ^ address.value()) >> (width - 1 - bits) & 1) == 0) {
    ++bits;
  }
  return bits;
}

Node make_node(const Prefix& prefix, const Ends& wholes, const Ends& holes, const base::Address& around) {
  Node node{prefix, {}, {}, base::width(prefix.family()), common_bits(prefix, around)};
  const MaskedAddress set(prefix);
  for (const SelectorEnd* whole : wholes) {
    if (!whole->address.intersect(set)) continue;
    node.wholes.push_back(whole);
    node.best = std::min(node.best, std::max(prefix.length(), last_significant(whole->address)));
  }
  if (node.wholes.empty()) return node;
  for (const SelectorEnd* hole : holes) {
    if (!hole->address.intersect(set)) continue;
    if (hole->port.is_any() && hole->address.covers(set)) {
      node.wholes.clear();
      return node;
    }
    node.holes.push_back(hole);
  }
  return node;
}

bool is_uniform(const Node& node) {
  const MaskedAddress set(node.prefix);
  const auto covers_it = [&set](const SelectorEnd* end) { return end->address.covers(set); };
  return std::ranges::all_of(node.wholes, covers_it) && std::ranges::all_of(node.holes, covers_it);
}

std::pair<Node, Node> halves(const Node& node, const base::Address& around) {
  const unsigned length = node.prefix.length() + 1;
  const base::Uint128 bit = base::Uint128{1} << (base::width(node.prefix.family()) - length);
  const base::Address upper(node.prefix.family(), node.prefix.network().value() | bit);
  return {make_node(Prefix(node.prefix.network(), length), node.wholes, node.holes, around),
          make_node(Prefix(upper, length), node.wholes, node.holes, around)};
}

// --- ports ---

std::vector<PortRange> united(const Ends& ends) {
  std::vector<PortRange> ranges;
  ranges.reserve(ends.size());
  for (const SelectorEnd* end : ends) ranges.push_back(end->port);
  std::ranges::sort(ranges, {}, &PortRange::lo);
  std::vector<PortRange> out;
  for (const PortRange range : ranges) {
    if (!out.empty() && range.lo <= static_cast<std::uint32_t>(out.back().hi) + 1) {
      out.back().hi = std::max(out.back().hi, range.hi);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

std::vector<PortRange> without(const std::vector<PortRange>& ranges, const std::vector<PortRange>& holes) {
  std::vector<PortRange> out;
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

// The fewest blocks of 2^n ports at multiples of 2^n.
void add_blocks(PortRange range, std::vector<PortRange>& out) {
  std::uint32_t next = range.lo;
  while (next <= range.hi) {
    const PortRange block = port_block({static_cast<std::uint16_t>(next), range.hi}, static_cast<std::uint16_t>(next));
    out.push_back(block);
    next = static_cast<std::uint32_t>(block.hi) + 1;
  }
}

std::vector<PortRange> ports_of(const Node& node, DataPlane plane) {
  auto left = without(united(node.wholes), united(node.holes));
  if (plane == DataPlane::kUserspace) return left;
  std::vector<PortRange> blocks;
  for (const PortRange range : left) {
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

// --- pieces that are one ---

std::optional<SelectorEnd> joined(const SelectorEnd& one, const SelectorEnd& other, DataPlane plane) {
  if (one.address == other.address && static_cast<std::uint32_t>(one.port.hi) + 1 == other.port.lo) {
    const PortRange range{one.port.lo, other.port.hi};
    if (is_expressible(range, plane)) return SelectorEnd{one.address, range};
  }
  if (one.port == other.port && one.address.mask() == other.address.mask() && one.address.mask() != 0) {
    const base::Uint128 lowest = one.address.mask() & (~one.address.mask() + 1);
    if ((one.address.address().value() ^ other.address.address().value()) == lowest) {
      return SelectorEnd{MaskedAddress(one.address.address(), one.address.mask() & ~lowest), one.port};
    }
  }
  return std::nullopt;
}

void join(std::vector<SelectorEnd>& ends, DataPlane plane) {
  const auto by_address = [](const SelectorEnd& end) {
    return std::tuple(end.address.mask(), end.address.address(), end.port.lo, end.port.hi);
  };
  const auto by_port = [](const SelectorEnd& end) {
    return std::tuple(end.port.lo, end.port.hi, end.address.mask(), end.address.address());
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (const bool ports_first : {false, true}) {
      if (ports_first) {
        std::ranges::sort(ends, {}, by_port);
      } else {
        std::ranges::sort(ends, {}, by_address);
      }
      std::vector<SelectorEnd> fewer;
      for (const SelectorEnd& end : ends) {
        const auto one = fewer.empty() ? std::nullopt : joined(fewer.back(), end, plane);
        if (one) {
          fewer.back() = *one;
          changed = true;
        } else {
          fewer.push_back(end);
        }
      }
      ends = std::move(fewer);
    }
  }
}

// Small first differences: prefixes that are one make fewer nodes. Covered ones and masks with holes stay as they are.
std::vector<SelectorEnd> tidied(std::span<const SelectorEnd> ends, DataPlane plane) {
  std::vector<SelectorEnd> all(ends.begin(), ends.end());
  join(all, plane);
  return all;
}

Ends pointers(std::span<const SelectorEnd> ends) {
  Ends all;
  all.reserve(ends.size());
  for (const SelectorEnd& end : ends) all.push_back(&end);
  return all;
}

class Decomposition {
 public:
  Decomposition(const Point& around, DataPlane plane, std::size_t limit)
      : around_(around), plane_(plane), limit_(limit) {}

  [[nodiscard]] std::vector<SelectorEnd> run(std::span<const SelectorEnd> whole, std::span<const SelectorEnd> holes) {
    if (!take_around(root(whole, holes)) || fill(root(whole, holes))) return std::move(found_);
    return more(std::move(found_), whole, holes);
  }

  // Not all that there is: what was found must not be able to grow, and where that makes room, more is taken.
  [[nodiscard]] std::vector<SelectorEnd> more(std::vector<SelectorEnd> found, std::span<const SelectorEnd> whole,
                                              std::span<const SelectorEnd> holes) {
    found_ = std::move(found);
    const Region region{whole, holes};
    for (std::size_t round = 0; round < kMaxRounds; ++round) {
      widen(found_, region, plane_);
      const std::size_t before = found_.size();
      if (before >= limit_) break;
      std::vector<SelectorEnd> taken(holes.begin(), holes.end());
      taken.insert(taken.end(), found_.begin(), found_.end());
      if (fill(root(whole, taken)) || found_.size() == before) break;
    }
    return std::move(found_);
  }

 private:
  [[nodiscard]] Node root(std::span<const SelectorEnd> whole, std::span<const SelectorEnd> holes) const {
    const Prefix all(base::Address(around_.address.family(), 0), 0);
    return make_node(all, pointers(whole), pointers(holes), around_.address);
  }

  // The largest pieces of the node; true when there are no others.
  bool fill(Node root) {
    std::priority_queue<Node, std::vector<Node>, Later> queue;
    queue.push(std::move(root));
    bool all = true;
    for (std::size_t visited = 0; !queue.empty() && found_.size() < limit_ && visited < kMaxNodes; ++visited) {
      const Node node = queue.top();
      queue.pop();
      if (is_uniform(node)) {
        all = add(node) && all;
        continue;
      }
      auto [lower, upper] = halves(node, around_.address);
      if (!lower.wholes.empty()) queue.push(std::move(lower));
      if (!upper.wholes.empty()) queue.push(std::move(upper));
    }
    all = all && queue.empty();
    join(found_, plane_);
    return all;
  }

  // P's own piece first, so that no limit leaves it out.
  bool take_around(Node node) {
    while (!node.wholes.empty() && !is_uniform(node)) {
      auto [lower, upper] = halves(node, around_.address);
      node = lower.prefix == Prefix(around_.address, lower.prefix.length()) ? std::move(lower) : std::move(upper);
    }
    if (node.wholes.empty()) return false;
    for (const PortRange range : ports_of(node, plane_)) {
      if (!range.contains(around_.port)) continue;
      found_.push_back({MaskedAddress(node.prefix), range});
      return true;
    }
    return false;
  }

  // False when not all of the node's pieces find room.
  bool add(const Node& node) {
    auto ranges = ports_of(node, plane_);
    std::ranges::stable_sort(ranges, std::ranges::greater(), [](PortRange range) { return range.hi - range.lo; });
    for (const PortRange range : ranges) {
      const SelectorEnd end{MaskedAddress(node.prefix), range};
      if (end == found_.front()) continue;
      if (found_.size() >= limit_) return false;
      found_.push_back(end);
    }
    return true;
  }

  const Point& around_;
  DataPlane plane_;
  std::size_t limit_;
  std::vector<SelectorEnd> found_;
};

// Also true when that is not known after so many nodes: masks with holes make more of them than can be looked at.
bool leaves_something(const Node& node, std::size_t& nodes_left) {
  if (node.wholes.empty()) return false;
  if (nodes_left == 0) return true;
  --nodes_left;
  if (is_uniform(node)) return !ports_of(node, DataPlane::kUserspace).empty();
  const auto [lower, upper] = halves(node, node.prefix.network());
  return leaves_something(lower, nodes_left) || leaves_something(upper, nodes_left);
}

}  // namespace

std::vector<SelectorEnd> decompose(std::span<const SelectorEnd> whole, std::span<const SelectorEnd> holes,
                                   const Point& around, DataPlane plane, std::size_t limit) {
  return Decomposition(around, plane, limit).run(tidied(whole, DataPlane::kUserspace), holes);
}

std::vector<SelectorEnd> extended(std::vector<SelectorEnd> ends, std::span<const SelectorEnd> whole,
                                  std::span<const SelectorEnd> holes, const Point& around, DataPlane plane,
                                  std::size_t limit) {
  return Decomposition(around, plane, limit).more(std::move(ends), tidied(whole, DataPlane::kUserspace), holes);
}

bool covers(std::span<const SelectorEnd> ends, const SelectorEnd& end) {
  const Prefix all(base::Address(end.address.family(), 0), 0);
  std::size_t nodes_left = kMaxNodes;
  return !leaves_something(make_node(all, {&end}, pointers(ends), all.network()), nodes_left);
}

std::vector<SelectorEnd> ends_of(std::span<const MaskedAddress> addresses, PortRange port, base::Family family) {
  std::vector<SelectorEnd> ends;
  for (const MaskedAddress& address : addresses) {
    if (address.family() == family) ends.push_back({address, port});
  }
  return ends;
}

std::vector<SelectorEnd> intersect(std::span<const SelectorEnd> some, std::span<const SelectorEnd> others) {
  std::vector<SelectorEnd> out;
  for (const SelectorEnd& one : some) {
    for (const SelectorEnd& other : others) {
      const auto address = one.address.intersect(other.address);
      const auto port = one.port.intersect(other.port);
      if (address && port) out.push_back({*address, *port});
    }
  }
  return out;
}

MaskedAddress covering(std::span<const SelectorEnd> ends) {
  const base::Family family = ends.front().address.family();
  unsigned length = base::width(family);
  const base::Uint128 first = ends.front().address.address().value();
  for (const SelectorEnd& end : ends) {
    length = std::min(length, end.address.covering_prefix().length());
    while (((first ^ end.address.address().value()) & base::prefix_mask(family, length)) != 0) --length;
  }
  return {ends.front().address.address(), base::prefix_mask(family, length)};
}

double share(const SelectorEnd& end) {
  int ones = 0;
  for (base::Uint128 mask = end.address.mask(); mask != 0; mask &= mask - 1) ++ones;
  return std::ldexp(end.port.hi - end.port.lo + 1, -16 - ones);
}

}  // namespace policy
