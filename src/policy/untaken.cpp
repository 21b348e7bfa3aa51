#include "policy/untaken.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "policy/piece_cover.hpp"
#include "policy/ports.hpp"

namespace policy {

namespace {

// Pieces that are held against parts of the whole.
constexpr std::size_t kMaxWork = 1U << 20;

// How many divisions it takes until a part of `box` is all in `piece`; 0: it is.
template <class Word>
int distance(const Piece<Word>& box, const Piece<Word>& piece) {
  return ones(static_cast<Word>(piece.mask & ~box.mask)) + (piece.port.lo > box.port.lo) +
         (piece.port.hi < box.port.hi);
}

// The box divided by the highest bit or an edge of the ports that the piece names: what is not the piece's, then the
// rest. The piece meets the box and does not cover it.
template <class Word>
std::pair<Piece<Word>, Piece<Word>> halves(const Piece<Word>& box, const Piece<Word>& piece) {
  Piece<Word> away = box;
  Piece<Word> near = box;
  if (const auto open = static_cast<Word>(piece.mask & ~box.mask); open != 0) {
    const Word bit = Word{1} << (kWidth<Word> - 1 - leading_zeros(open));
    away.mask = near.mask = box.mask | bit;
    near.value |= piece.value & bit;
    away.value |= ~piece.value & bit;
  } else if (piece.port.lo > box.port.lo) {
    away.port.hi = static_cast<std::uint16_t>(piece.port.lo - 1);
    near.port.lo = piece.port.lo;
  } else {
    away.port.lo = static_cast<std::uint16_t>(piece.port.hi + 1);
    near.port.hi = piece.port.hi;
  }
  return {away, near};
}

// One address of the box, and of its ports what the plane takes.
template <class Word>
Piece<Word> seed_in(const Piece<Word>& box, const Point<Word>& around, DataPlane plane) {
  const auto address = static_cast<Word>(box.value | (around.address & ~box.mask));
  const std::uint16_t port = box.port.contains(around.port) ? around.port : box.port.lo;
  const bool whole = plane == DataPlane::kUserspace || box.port.is_any();
  return {address, leading_ones<Word>(kWidth<Word>), whole ? box.port : port_block(box.port, port)};
}

// The shortest prefix around the piece's address that no hole meets: it tells the address from each of them.
template <class Word>
unsigned shortest_clear_of(std::span<const Piece<Word>> holes, const Piece<Word>& piece) {
  unsigned length = 0;
  for (const Piece<Word>& hole : holes) {
    if (!hole.port.meets(piece.port)) continue;
    const auto telling = static_cast<Word>((hole.value ^ piece.value) & hole.mask);
    length = std::max(length, leading_zeros(telling) + 1);
  }
  return length;
}

// The shortest one that the wholes cover as well: each longer one of the address is covered, too.
template <class Word>
Piece<Word> largest_around(const Piece<Word>& seed, const Region<Word>& region) {
  const auto prefix = [&seed](unsigned length) {
    const auto mask = leading_ones<Word>(length);
    return Piece<Word>{static_cast<Word>(seed.value & mask), mask, seed.port};
  };
  unsigned shortest = shortest_clear_of(region.holes, seed);
  unsigned covered = kWidth<Word>;
  while (shortest < covered) {
    const unsigned middle = (shortest + covered) / 2;
    if (covers<Word>(region.whole, prefix(middle))) {
      covered = middle;
    } else {
      shortest = middle + 1;
    }
  }
  return prefix(covered);
}

template <class Word>
class Search {
 public:
  Search(std::vector<Piece<Word>>& found, const Region<Word>& region, const Point<Word>& around, DataPlane plane,
         std::size_t limit)
      : found_(found),
        region_(region),
        around_(around),
        plane_(plane),
        limit_(limit),
        taken_(region.holes.begin(), region.holes.end()) {
    taken_.insert(taken_.end(), found.begin(), found.end());
  }

  void run() {
    for (const Piece<Word>& whole : region_.whole) {
      if (!search(whole, {}, 0)) return;
    }
  }

 private:
  using Numbers = std::vector<std::size_t>;

  // Adds what of the box is in none of `candidates` nor in what has been taken from `first` on: nothing else that is
  // taken meets the box. False when that must end.
  bool search(const Piece<Word>& box, Numbers candidates, std::size_t first) {
    for (; first < taken_.size(); ++first) candidates.push_back(first);
    if (candidates.size() > work_left_) return false;
    work_left_ -= candidates.size();
    std::erase_if(candidates, [&](std::size_t number) { return !taken_[number].meets(box); });
    if (candidates.empty()) {
      if (found_.size() >= limit_) return false;
      add(widened(largest_around(seed_in(box, around_, plane_), region_), region_, plane_));
      return search(box, {}, first);
    }
    const auto far = [&](std::size_t number) { return distance(box, taken_[number]); };
    const Piece<Word> nearest = taken_[*std::ranges::min_element(candidates, {}, far)];
    if (distance(box, nearest) == 0) return true;
    const auto [away, near] = halves(box, nearest);
    return search(away, candidates, first) && search(near, candidates, first);
  }

  void add(const Piece<Word>& piece) {
    std::erase_if(found_, [&piece](const Piece<Word>& other) { return piece.covers(other); });
    found_.push_back(piece);
    taken_.push_back(piece);
  }

  std::vector<Piece<Word>>& found_;
  const Region<Word>& region_;
  const Point<Word>& around_;
  DataPlane plane_;
  std::size_t limit_;
  std::vector<Piece<Word>> taken_;
  std::size_t work_left_ = kMaxWork;
};

}  // namespace

template <class Word>
void add_untaken(std::vector<Piece<Word>>& found, const Region<Word>& region, const Point<Word>& around,
                 DataPlane plane, std::size_t limit) {
  Search<Word>(found, region, around, plane, limit).run();
}

template void add_untaken(std::vector<Piece<std::uint32_t>>&, const Region<std::uint32_t>&, const Point<std::uint32_t>&,
                          DataPlane, std::size_t);
template void add_untaken(std::vector<Piece<base::Uint128>>&, const Region<base::Uint128>&, const Point<base::Uint128>&,
                          DataPlane, std::size_t);

}  // namespace policy
