#include "policy/decomposition.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "policy/join.hpp"

namespace policy {

namespace {

using base::PortRange;

// Nodes that are visited, and wholes and holes that are held against them, before what has been found must do. The
// same sets give the same pieces at both ends of a tunnel, however far that comes.
constexpr std::size_t kMaxNodes = 1U << 14;
constexpr std::size_t kMaxWork = 1U << 20;

template <class Word>
std::uint8_t last_significant(Word mask) {
  const Word lowest = mask & (~mask + 1);
  return static_cast<std::uint8_t>(mask == 0 ? 0 : leading_zeros(lowest) + 1);
}

template <class Word>
Piece<Word> piece_of(Word address, unsigned length, PortRange range) {
  return {address, leading_ones<Word>(length), range};
}

}  // namespace

template <class Word>
Decomposition<Word>::Decomposition(const Region<Word>& region, const Point<Word>& around, DataPlane plane,
                                   std::size_t limit, std::vector<Piece<Word>>& found)
    : wholes_(region.whole), around_(around), plane_(plane), limit_(limit), found_(found) {
  sort_out(region.holes);
  push(make_root());
}

template <class Word>
bool Decomposition<Word>::take_around() {
  if (queue_.empty()) return false;
  Node node = queue_.top();
  queue_.pop();
  while (!node.wholes.empty() && !node.uniform) {
    const auto [lower, upper] = halves(node);
    const bool is_lower = lower.common == lower.length;
    push(is_lower ? upper : lower);
    node = is_lower ? lower : upper;
  }
  if (node.wholes.empty() || node.common != node.length) return false;
  for (const PortRange range : ports_of(node)) {
    if (!range.contains(around_.port)) continue;
    found_.push_back(piece_of(node.address, node.length, range));
    push(node);  // for its other ports
    return true;
  }
  return false;
}

template <class Word>
bool Decomposition<Word>::fill() {
  bool all = true;
  for (std::size_t visited = 0; !queue_.empty() && found_.size() < limit_ && visited < kMaxNodes && work_ < kMaxWork;
       ++visited) {
    const Node node = queue_.top();
    queue_.pop();
    if (node.uniform) {
      all = add(node) && all;
      continue;
    }
    const auto [lower, upper] = halves(node);
    push(lower);
    push(upper);
  }
  all = all && queue_.empty();
  join(found_, plane_);
  return all;
}

template <class Word>
void Decomposition<Word>::push(const Node& node) {
  if (!node.wholes.empty()) queue_.push(node);
}

template <class Word>
void Decomposition<Word>::sort_out(std::span<const Piece<Word>> holes) {
  prefixes_.reserve(holes.size());
  for (const Piece<Word>& hole : holes) (is_prefix(hole.mask) ? prefixes_ : masks_).push_back(hole);
  any_port_.reserve(prefixes_.size() + 1);
  std::uint32_t count = 0;
  any_port_.push_back(count);
  for (const Piece<Word>& prefix : prefixes_) any_port_.push_back(count += prefix.port.is_any() ? 1U : 0U);
}

// The smallest prefix around the whole, with all that there is.
template <class Word>
auto Decomposition<Word>::make_root() -> Node {
  const Piece<Word> all = covering<Word>(wholes_);
  Node root = make_node(all.value, length_of(all.mask));
  for (std::uint32_t i = 0; i < wholes_.size(); ++i) numbers_.push_back(i);
  root.wholes.end = static_cast<std::uint32_t>(wholes_.size());
  root.masks.begin = root.wholes.end;
  for (std::uint32_t i = 0; i < masks_.size(); ++i) {
    if (masks_[i].meets(all)) numbers_.push_back(i);
  }
  root.masks.end = static_cast<std::uint32_t>(numbers_.size());
  const auto address_of = [](const Piece<Word>& prefix) { return prefix.value; };
  const auto first = std::ranges::lower_bound(prefixes_, all.value, {}, address_of);
  const auto last = std::ranges::upper_bound(prefixes_, static_cast<Word>(all.value | ~all.mask), {}, address_of);
  root.prefixes.begin = static_cast<std::uint32_t>(first - prefixes_.begin());
  root.prefixes.end = static_cast<std::uint32_t>(last - prefixes_.begin());
  // What holds the root begins ahead of it, or where it begins.
  std::vector<std::uint32_t> around;
  for (auto hole = prefixes_.begin(); hole != first; ++hole) {
    if (hole->meets(all)) around.push_back(static_cast<std::uint32_t>(hole - prefixes_.begin()));
  }
  for (const std::uint32_t one : around) {
    holdings_.push_back({{one, one + 1}, root.holding});
    root.holding = static_cast<std::uint32_t>(holdings_.size() - 1);
    if (prefixes_[one].port.is_any()) root.wholes.end = root.wholes.begin;
  }
  look_at(root);
  return root;
}

template <class Word>
auto Decomposition<Word>::make_node(Word address, unsigned length) const -> Node {
  const auto mask = leading_ones<Word>(length);
  Node node;
  node.address = address & mask;
  node.length = static_cast<std::uint8_t>(length);
  const Word differs = (node.address ^ around_.address) & mask;
  node.common = static_cast<std::uint8_t>(differs == 0 ? length : leading_zeros(differs));
  return node;
}

template <class Word>
auto Decomposition<Word>::halves(const Node& node) -> std::pair<Node, Node> {
  const unsigned length = node.length + 1U;
  const Word bit = Word{1} << (kWidth<Word> - length);
  Node lower = make_node(node.address, length);
  Node upper = make_node(node.address | bit, length);
  work_ += node.wholes.size() + node.masks.size();
  std::tie(lower.wholes, upper.wholes) = split(node.wholes, wholes_, bit);
  std::tie(lower.masks, upper.masks) = split(node.masks, masks_, bit);
  const auto begin = prefixes_.begin() + node.prefixes.begin;
  const auto middle = std::lower_bound(begin, prefixes_.begin() + node.prefixes.end, upper.address,
                                       [](const Piece<Word>& prefix, Word address) { return prefix.value < address; });
  lower.prefixes = {node.prefixes.begin, static_cast<std::uint32_t>(middle - prefixes_.begin())};
  upper.prefixes = {lower.prefixes.end, node.prefixes.end};
  lower.holding = upper.holding = node.holding;
  look_at(lower);
  look_at(upper);
  return {lower, upper};
}

// Those of `part` that have zero or nothing to say in that bit, and those that have one or nothing: each is written
// to both and counted where it belongs, because a jump for each would cost more than all the rest.
template <class Word>
auto Decomposition<Word>::split(Part part, std::span<const Piece<Word>> pieces, Word bit) -> std::pair<Part, Part> {
  const std::size_t begin = numbers_.size();
  numbers_.resize(begin + 2 * std::size_t{part.size()});
  const std::uint32_t* from = numbers_.data() + part.begin;
  std::uint32_t* const lower = numbers_.data() + begin;
  std::uint32_t* const upper = lower + part.size();
  std::size_t lowers = 0;
  std::size_t uppers = 0;
  for (std::uint32_t i = 0; i < part.size(); ++i) {
    const Piece<Word>& piece = pieces[from[i]];
    lower[lowers] = upper[uppers] = from[i];
    const bool open = (piece.mask & bit) == 0;
    const bool one = (piece.value & bit) != 0;
    lowers += open || !one ? 1U : 0U;
    uppers += one || open ? 1U : 0U;
  }
  std::copy_n(upper, uppers, lower + lowers);
  numbers_.resize(begin + lowers + uppers);
  const auto first = static_cast<std::uint32_t>(begin);
  const auto middle = static_cast<std::uint32_t>(begin + lowers);
  return {{first, middle}, {middle, static_cast<std::uint32_t>(begin + lowers + uppers)}};
}

// How large a piece of the node can be, whether anything cuts it, and whether a hole takes it whole.
template <class Word>
void Decomposition<Word>::look_at(Node& node) {
  if (take_holding(node)) node.wholes.end = node.wholes.begin;
  if (node.wholes.empty()) return;
  const auto inside = static_cast<Word>(~leading_ones<Word>(node.length));
  Word named = 0;
  look_at_wholes(node, inside, named);
  look_at_holes(node, inside, named);
  node.uniform = named == 0 && node.prefixes.empty();
}

template <class Word>
void Decomposition<Word>::look_at_wholes(Node& node, Word inside, Word& named) const {
  for (std::uint32_t i = node.wholes.begin; i < node.wholes.end; ++i) {
    const Word mask = wholes_[numbers_[i]].mask;
    named |= mask & inside;
    node.best = std::min(node.best, std::max(node.length, last_significant(mask)));
  }
}

// A piece beside a hole of all ports names a bit that tells it from the hole: of the holes' highest such bits the
// lowest is the least that every piece here names. Of prefixes inside of the node that is the next bit.
template <class Word>
void Decomposition<Word>::look_at_holes(Node& node, Word inside, Word& named) const {
  Word last = ~Word{0};
  bool is_cut = false;
  for (std::uint32_t i = node.masks.begin; i < node.masks.end; ++i) {
    const Piece<Word>& hole = masks_[numbers_[i]];
    const Word tells = hole.mask & inside;
    named |= tells;
    if (!hole.port.is_any()) continue;
    last = std::min(last, tells);
    is_cut = true;
  }
  if (last == 0) node.wholes.end = node.wholes.begin;  // a hole takes all of the node
  if (is_cut && last != 0) node.best = std::max(node.best, static_cast<std::uint8_t>(leading_zeros(last) + 1));
  if (has_any_port(node.prefixes)) node.best = std::max(node.best, static_cast<std::uint8_t>(node.length + 1));
}

// Of the prefixes inside of the node those that hold all of it; true when one of them does for any port. They come
// first: the same address, and a mask as short.
template <class Word>
bool Decomposition<Word>::take_holding(Node& node) {
  const auto mask = leading_ones<Word>(node.length);
  Part holding{node.prefixes.begin, node.prefixes.begin};
  while (holding.end < node.prefixes.end && prefixes_[holding.end].mask <= mask) ++holding.end;
  node.prefixes.begin = holding.end;
  if (holding.empty()) return false;
  holdings_.push_back({holding, node.holding});
  node.holding = static_cast<std::uint32_t>(holdings_.size() - 1);
  return has_any_port(holding);
}

template <class Word>
bool Decomposition<Word>::has_any_port(Part prefixes) const {
  return any_port_[prefixes.end] != any_port_[prefixes.begin];
}

// False when not all of the node's pieces find room.
template <class Word>
bool Decomposition<Word>::add(const Node& node) {
  auto ranges = ports_of(node);
  std::ranges::stable_sort(ranges, std::ranges::greater(), [](PortRange range) { return range.hi - range.lo; });
  for (const PortRange range : ranges) {
    const auto next = piece_of(node.address, node.length, range);
    if (next == found_.front()) continue;
    if (found_.size() >= limit_) return false;
    found_.push_back(next);
  }
  return true;
}

template <class Word>
PortRanges Decomposition<Word>::ports_of(const Node& node) const {
  PortRanges holes = ports(node.masks, masks_);
  for (std::uint32_t at = node.holding; at != kNone; at = holdings_[at].above) {
    const Part part = holdings_[at].prefixes;
    for (std::uint32_t i = part.begin; i < part.end; ++i) holes.push_back(prefixes_[i].port);
  }
  return expressed(without(united(ports(node.wholes, wholes_)), united(std::move(holes))), plane_);
}

template <class Word>
PortRanges Decomposition<Word>::ports(Part part, std::span<const Piece<Word>> pieces) const {
  PortRanges ranges;
  ranges.reserve(part.size());
  for (std::uint32_t i = part.begin; i < part.end; ++i) ranges.push_back(pieces[numbers_[i]].port);
  return ranges;
}

template class Decomposition<std::uint32_t>;
template class Decomposition<base::Uint128>;

}  // namespace policy
