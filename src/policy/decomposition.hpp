// The search for the largest prefixes of a region, along the binary tree of addresses (docs/policy.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "policy/carve.hpp"
#include "policy/piece.hpp"
#include "policy/port_sets.hpp"
#include "policy/widen.hpp"

namespace policy {

/// One search. Holes that are prefixes lie sorted by address, so that those inside of a node follow each other and
/// halving the node is looking up one place among them; the others, and the wholes, are dealt out to the halves.
template <class Word>
class Decomposition {
 public:
  /// `region.holes` are sorted (sorted_pieces.hpp) and stay until the end of the search. What it finds goes to the end
  /// of `found`.
  Decomposition(const Region<Word>& region, const Point<Word>& around, DataPlane plane, std::size_t limit,
                std::vector<Piece<Word>>& found);

  /// P's own piece first, so that no limit leaves it out; false when P is not in the region. Called once, before
  /// fill().
  bool take_around();

  /// The largest pieces; true when there are no others.
  bool fill();

 private:
  // Some of a list: from `begin` up to `end`.
  struct Part {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] bool empty() const { return begin == end; }
    [[nodiscard]] std::uint32_t size() const { return end - begin; }
  };

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // Prefixes among the holes that hold a node and all that is below it, and those that hold what is above.
  struct Holding {
    Part prefixes;
    std::uint32_t above = kNone;
  };

  // A prefix of the binary tree of addresses, with what of the whole and of the holes meets it.
  struct Node {
    Word address{};
    Part wholes;                    ///< in numbers_; none: nothing is left in the node
    Part masks;                     ///< of the holes that are no prefixes, in numbers_
    Part prefixes;                  ///< of the holes that are, those inside of the node, in prefixes_
    std::uint32_t holding = kNone;  ///< those around it, in holdings_
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

  void sort_out(std::span<const Piece<Word>> holes);
  Node make_root();
  Node make_node(Word address, unsigned length) const;
  std::pair<Node, Node> halves(const Node& node);
  std::pair<Part, Part> split(Part part, std::span<const Piece<Word>> pieces, Word bit);
  void look_at(Node& node);
  void look_at_wholes(Node& node, Word inside, Word& named) const;
  void look_at_holes(Node& node, Word inside, Word& named) const;
  bool take_holding(Node& node);
  [[nodiscard]] bool has_any_port(Part prefixes) const;
  bool add(const Node& node);
  void push(const Node& node);
  [[nodiscard]] PortRanges ports_of(const Node& node) const;
  [[nodiscard]] PortRanges ports(Part part, std::span<const Piece<Word>> pieces) const;

  std::span<const Piece<Word>> wholes_;
  std::vector<Piece<Word>> prefixes_;    ///< sorted
  std::vector<std::uint32_t> any_port_;  ///< how many of the prefixes before each are for any port
  std::vector<Piece<Word>> masks_;
  const Point<Word>& around_;
  DataPlane plane_;
  std::size_t limit_;
  std::size_t work_ = 0;
  std::vector<std::uint32_t> numbers_;
  std::vector<Holding> holdings_;
  std::vector<Piece<Word>>& found_;
  std::priority_queue<Node, std::vector<Node>, Later> queue_;
};

extern template class Decomposition<std::uint32_t>;
extern template class Decomposition<base::Uint128>;

}  // namespace policy
