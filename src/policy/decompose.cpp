#include "policy/decompose.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "policy/join.hpp"
#include "policy/port_sets.hpp"
#include "policy/untaken.hpp"
#include "policy/widen.hpp"

namespace policy {

namespace {

using base::PortRange;

// Nodes that are visited, and wholes and holes that are held against them, before what has been found must do. The
// same sets give the same pieces at both ends of a tunnel, however far that comes.
constexpr std::size_t kMaxNodes = 1U << 14;
constexpr std::size_t kMaxWork = 1U << 20;
// Times that pieces are widened and the room is filled again; each makes what is covered larger, and few need three.
constexpr std::size_t kMaxRounds = 16;

/// Of the run of leading ones.
template <class Word>
unsigned length_of(Word mask) {
  const auto zeros = static_cast<Word>(~mask);
  return zeros == 0 ? kWidth<Word> : leading_zeros(zeros);
}

template <class Word>
class Decomposition {
 public:
  /// What it finds goes to the end of `found`.
  Decomposition(const Region<Word>& region, const Point<Word>& around, DataPlane plane, std::size_t limit,
                std::vector<Piece<Word>>& found)
      : wholes_(region.whole),
        holes_(region.holes),
        around_(around),
        plane_(plane),
        limit_(limit),
        found_(found),
        root_(make_root()) {}

  /// P's own piece first, so that no limit leaves it out; false when P is not in the region.
  bool take_around() {
    Node node = root_;
    while (node.wholes.size != 0 && !node.uniform) {
      const auto [lower, upper] = halves(node);
      node = lower.common == lower.length ? lower : upper;
    }
    if (node.wholes.size == 0 || node.common != node.length) return false;
    for (const PortRange range : ports_of(node)) {
      if (!range.contains(around_.port)) continue;
      found_.push_back(piece(node, range));
      return true;
    }
    return false;
  }

  /// The largest pieces; true when there are no others.
  bool fill() {
    std::priority_queue<Node, std::vector<Node>, Later> queue;
    if (root_.wholes.size != 0) queue.push(root_);
    bool all = true;
    for (std::size_t visited = 0; !queue.empty() && found_.size() < limit_ && visited < kMaxNodes && work_ < kMaxWork;
         ++visited) {
      const Node node = queue.top();
      queue.pop();
      if (node.uniform) {
        all = add(node) && all;
        continue;
      }
      const auto [lower, upper] = halves(node);
      if (lower.wholes.size != 0) queue.push(lower);
      if (upper.wholes.size != 0) queue.push(upper);
    }
    all = all && queue.empty();
    join(found_, plane_);
    return all;
  }

 private:
  // Some of the wholes or of the holes: their numbers, one behind the other in numbers_.
  struct Part {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };

  // A prefix of the binary tree of addresses, with what of the whole and of the holes meets it.
  struct Node {
    Word address{};
    Part wholes;  ///< none: nothing is left in the node
    Part holes;
    std::uint8_t length = 0;
    std::uint8_t best = kWidth<Word>;  ///< no piece in it is a shorter prefix
    std::uint8_t common = 0;           ///< bits that it shares with P's address
    bool uniform = true;               ///< nothing in it cuts it: it is one piece, or one for each of its ports
  };

  // The largest piece first; of equals the deeper node, so that one is finished before the next is begun, then the one
  // nearer to P, then the lower address.
  struct Later {
    bool operator()(const Node& one, const Node& other) const {
      if (one.best != other.best) return one.best > other.best;
      if (one.length != other.length) return one.length < other.length;
      if (one.common != other.common) return one.common < other.common;
      return one.address > other.address;
    }
  };

  // The smallest prefix around the whole, with all that there is.
  Node make_root() {
    const Piece<Word> all = covering<Word>(wholes_);
    Node root = make_node(all.value, length_of(all.mask));
    for (std::uint32_t i = 0; i < wholes_.size(); ++i) numbers_.push_back(i);
    root.wholes.size = static_cast<std::uint32_t>(wholes_.size());
    root.holes.begin = root.wholes.size;
    for (std::uint32_t i = 0; i < holes_.size(); ++i) {
      if (holes_[i].meets(all)) numbers_.push_back(i);
    }
    root.holes.size = static_cast<std::uint32_t>(numbers_.size()) - root.holes.begin;
    look_at(root);
    return root;
  }

  Node make_node(Word address, unsigned length) const {
    const auto mask = leading_ones<Word>(length);
    Node node;
    node.address = address & mask;
    node.length = static_cast<std::uint8_t>(length);
    const Word differs = (node.address ^ around_.address) & mask;
    node.common = static_cast<std::uint8_t>(differs == 0 ? length : leading_zeros(differs));
    return node;
  }

  std::pair<Node, Node> halves(const Node& node) {
    const unsigned length = node.length + 1U;
    const Word bit = Word{1} << (kWidth<Word> - length);
    Node lower = make_node(node.address, length);
    Node upper = make_node(node.address | bit, length);
    work_ += node.wholes.size + node.holes.size;
    std::tie(lower.wholes, upper.wholes) = split(node.wholes, wholes_, bit);
    std::tie(lower.holes, upper.holes) = split(node.holes, holes_, bit);
    look_at(lower);
    look_at(upper);
    return {lower, upper};
  }

  // Those of `part` that have zero or nothing to say in that bit, and those that have one or nothing: each is written
  // to both and counted where it belongs, because a jump for each would cost more than all the rest.
  std::pair<Part, Part> split(Part part, std::span<const Piece<Word>> pieces, Word bit) {
    const std::size_t begin = numbers_.size();
    numbers_.resize(begin + 2 * std::size_t{part.size});
    const std::uint32_t* from = numbers_.data() + part.begin;
    std::uint32_t* const lower = numbers_.data() + begin;
    std::uint32_t* const upper = lower + part.size;
    std::size_t lowers = 0;
    std::size_t uppers = 0;
    for (std::uint32_t i = 0; i < part.size; ++i) {
      const Piece<Word>& piece = pieces[from[i]];
      lower[lowers] = upper[uppers] = from[i];
      const bool open = (piece.mask & bit) == 0;
      const bool one = (piece.value & bit) != 0;
      lowers += open || !one ? 1U : 0U;
      uppers += one || open ? 1U : 0U;
    }
    std::copy_n(upper, uppers, lower + lowers);
    numbers_.resize(begin + lowers + uppers);
    const auto middle = static_cast<std::uint32_t>(begin + lowers);
    return {{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(lowers)},
            {middle, static_cast<std::uint32_t>(uppers)}};
  }

  // How large a piece of the node can be, whether anything cuts it, and whether a hole takes it whole.
  void look_at(Node& node) const {
    const auto inside = static_cast<Word>(~leading_ones<Word>(node.length));
    Word named = 0;
    for (std::uint32_t i = 0; i < node.wholes.size; ++i) {
      const Word mask = wholes_[numbers_[node.wholes.begin + i]].mask;
      named |= mask & inside;
      node.best = std::min(node.best, std::max(node.length, last_significant(mask)));
    }
    // A piece beside a hole of all ports names a bit that tells it from the hole: of the holes' highest such bits the
    // lowest is the least that every piece here names.
    Word last = ~Word{0};
    bool is_cut = false;
    for (std::uint32_t i = 0; i < node.holes.size; ++i) {
      const Piece<Word>& hole = holes_[numbers_[node.holes.begin + i]];
      const Word tells = hole.mask & inside;
      named |= tells;
      if (!hole.port.is_any()) continue;
      last = std::min(last, tells);
      is_cut = true;
    }
    node.uniform = named == 0;
    if (last == 0) node.wholes.size = 0;  // a hole takes all of the node
    if (is_cut && last != 0) node.best = std::max(node.best, static_cast<std::uint8_t>(leading_zeros(last) + 1));
  }

  static std::uint8_t last_significant(Word mask) {
    const Word lowest = mask & (~mask + 1);
    return static_cast<std::uint8_t>(mask == 0 ? 0 : leading_zeros(lowest) + 1);
  }

  // False when not all of the node's pieces find room.
  bool add(const Node& node) {
    auto ranges = ports_of(node);
    std::ranges::stable_sort(ranges, std::ranges::greater(), [](PortRange range) { return range.hi - range.lo; });
    for (const PortRange range : ranges) {
      const Piece<Word> next = piece(node, range);
      if (next == found_.front()) continue;
      if (found_.size() >= limit_) return false;
      found_.push_back(next);
    }
    return true;
  }

  [[nodiscard]] static Piece<Word> piece(const Node& node, PortRange range) {
    return {node.address, leading_ones<Word>(node.length), range};
  }

  [[nodiscard]] PortRanges ports_of(const Node& node) const {
    return expressed(without(united(ports(node.wholes, wholes_)), united(ports(node.holes, holes_))), plane_);
  }

  [[nodiscard]] PortRanges ports(Part part, std::span<const Piece<Word>> pieces) const {
    PortRanges ranges;
    ranges.reserve(part.size);
    for (std::uint32_t i = 0; i < part.size; ++i) ranges.push_back(pieces[numbers_[part.begin + i]].port);
    return ranges;
  }

  std::span<const Piece<Word>> wholes_;
  std::span<const Piece<Word>> holes_;
  const Point<Word>& around_;
  DataPlane plane_;
  std::size_t limit_;
  std::size_t work_ = 0;
  std::vector<std::uint32_t> numbers_;
  std::vector<Piece<Word>>& found_;
  Node root_;
};

// Each once, in an order that both ends of a tunnel have.
template <class Word>
std::vector<Piece<Word>> in_order(std::span<const Piece<Word>> pieces) {
  std::vector<Piece<Word>> all(pieces.begin(), pieces.end());
  std::ranges::sort(all, {}, key_of<Word>);
  const auto again = std::ranges::unique(all);
  all.erase(again.begin(), again.end());
  return all;
}

// Not all that there is: what was found must not be able to grow, and where that makes room, more is taken; the largest
// first as long as the tree of prefixes shows them, then whatever is free.
template <class Word>
void extend(std::vector<Piece<Word>>& found, const Region<Word>& given, const Point<Word>& around, DataPlane plane,
            std::size_t limit) {
  const auto holes = in_order(given.holes);
  const Region<Word> region{given.whole, holes};
  for (std::size_t round = 0; round < kMaxRounds; ++round) {
    widen(found, region, plane);
    const std::size_t before = found.size();
    if (before >= limit) return;
    std::vector<Piece<Word>> taken = holes;
    taken.insert(taken.end(), found.begin(), found.end());
    if (Decomposition<Word>({given.whole, taken}, around, plane, limit, found).fill()) return;
    if (found.size() == before) break;
  }
  add_untaken<Word>(found, region, around, plane, limit);
}

// Small first differences: what is one makes fewer nodes. Covered ones and masks with holes stay as they are.
template <class Word>
std::vector<Piece<Word>> tidied(std::span<const Piece<Word>> pieces) {
  std::vector<Piece<Word>> all(pieces.begin(), pieces.end());
  join(all, DataPlane::kUserspace);
  return all;
}

// True when the pieces are what is asked for already: disjoint prefixes with ports that the plane takes.
template <class Word>
bool are_final(std::span<const Piece<Word>> pieces, DataPlane plane) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece<Word>& piece = pieces[i];
    if (piece.mask != leading_ones<Word>(length_of(piece.mask)) || !is_expressible(piece.port, plane)) return false;
    const auto share_addresses = [&piece](const Piece<Word>& other) {
      return ((piece.value ^ other.value) & piece.mask & other.mask) == 0;
    };
    if (std::ranges::any_of(pieces.first(i), share_addresses)) return false;
  }
  return true;
}

}  // namespace

template <class Word>
std::vector<Piece<Word>> decompose(std::span<const Piece<Word>> whole, std::span<const Piece<Word>> holes,
                                   const Point<Word>& around, DataPlane plane, std::size_t limit) {
  if (whole.empty()) return {};
  const auto wholes = tidied(whole);
  if (holes.empty() && wholes.size() <= limit && are_final<Word>(wholes, plane)) {
    const bool has_point = std::ranges::any_of(wholes, [&](const auto& one) { return one.contains(around); });
    return has_point ? wholes : std::vector<Piece<Word>>{};
  }
  const Region<Word> region{wholes, holes};
  std::vector<Piece<Word>> found;
  Decomposition<Word> tree(region, around, plane, limit, found);
  if (tree.take_around() && !tree.fill()) extend(found, region, around, plane, limit);
  return found;
}

template <class Word>
std::vector<Piece<Word>> extended(std::vector<Piece<Word>> pieces, std::span<const Piece<Word>> whole,
                                  std::span<const Piece<Word>> holes, const Point<Word>& around, DataPlane plane,
                                  std::size_t limit) {
  const auto wholes = tidied(whole);
  extend(pieces, {wholes, holes}, around, plane, limit);
  return pieces;
}

template std::vector<Piece<std::uint32_t>> decompose(std::span<const Piece<std::uint32_t>>,
                                                     std::span<const Piece<std::uint32_t>>, const Point<std::uint32_t>&,
                                                     DataPlane, std::size_t);
template std::vector<Piece<base::Uint128>> decompose(std::span<const Piece<base::Uint128>>,
                                                     std::span<const Piece<base::Uint128>>, const Point<base::Uint128>&,
                                                     DataPlane, std::size_t);
template std::vector<Piece<std::uint32_t>> extended(std::vector<Piece<std::uint32_t>>,
                                                    std::span<const Piece<std::uint32_t>>,
                                                    std::span<const Piece<std::uint32_t>>, const Point<std::uint32_t>&,
                                                    DataPlane, std::size_t);
template std::vector<Piece<base::Uint128>> extended(std::vector<Piece<base::Uint128>>,
                                                    std::span<const Piece<base::Uint128>>,
                                                    std::span<const Piece<base::Uint128>>, const Point<base::Uint128>&,
                                                    DataPlane, std::size_t);

}  // namespace policy
