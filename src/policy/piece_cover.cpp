#include "policy/piece_cover.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "policy/port_sets.hpp"

namespace policy {

namespace {

// Pieces that are held against boxes before the answer is no.
constexpr std::size_t kMaxWork = 1U << 22;

// Halves the box in the bit that most of the pieces name, so that what they say of few bits takes few boxes, however
// these lie; of prefixes that is the first bit in which they differ.
template <class Word>
class Covering {
 public:
  bool covers(const Piece<Word>& box, std::span<const Piece<Word>> pieces) {
    std::vector<Piece<Word>> some;
    for (const Piece<Word>& piece : pieces) {
      if (piece.meets(box)) some.push_back(piece);
    }
    const auto open_bits = [&box](const Piece<Word>& piece) { return static_cast<Word>(piece.mask & ~box.mask); };
    const auto covers_it = [&](const Piece<Word>& piece) {
      return open_bits(piece) == 0 && piece.port.covers(box.port);
    };
    if (std::ranges::any_of(some, covers_it)) return true;
    if (std::ranges::all_of(some, [&](const auto& piece) { return open_bits(piece) == 0; })) {
      return ports_cover(box, some);
    }
    if (pieces.size() > work_left_) return false;
    work_left_ -= pieces.size();
    const Word bit = busiest_bit(some, box.mask);
    Piece<Word> half{box.value, static_cast<Word>(box.mask | bit), box.port};
    if (!covers(half, some)) return false;
    half.value |= bit;
    return covers(half, some);
  }

 private:
  static bool ports_cover(const Piece<Word>& box, const std::vector<Piece<Word>>& pieces) {
    PortRanges ranges;
    for (const Piece<Word>& piece : pieces) ranges.push_back(piece.port);
    return without({box.port}, united(std::move(ranges))).empty();
  }

  // Of several the highest. Some piece names a bit that `mask` leaves open.
  static Word busiest_bit(const std::vector<Piece<Word>>& pieces, Word mask) {
    std::array<std::size_t, kWidth<Word>> named{};
    for (const Piece<Word>& piece : pieces) {
      for (Word open = piece.mask & ~mask; open != 0; open &= open - 1) ++named[kWidth<Word> - 1 - lowest_bit(open)];
    }
    const auto most = std::ranges::max_element(named) - named.begin();
    return Word{1} << (kWidth<Word> - 1 - static_cast<unsigned>(most));
  }
  static unsigned lowest_bit(Word word) {
    return kWidth<Word> - 1 - leading_zeros(static_cast<Word>(word & (~word + 1)));
  }

  std::size_t work_left_ = kMaxWork;
};

}  // namespace

template <class Word>
bool covers(std::span<const Piece<Word>> pieces, const Piece<Word>& piece) {
  if (std::ranges::any_of(pieces, [&piece](const Piece<Word>& one) { return one.covers(piece); })) return true;
  return Covering<Word>().covers(piece, pieces);
}

template bool covers(std::span<const Piece<std::uint32_t>>, const Piece<std::uint32_t>&);
template bool covers(std::span<const Piece<base::Uint128>>, const Piece<base::Uint128>&);

}  // namespace policy
