// One side without its holes, however few pieces it may have and wherever the bits of masks lie.
#include "policy/decompose.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <gtest/gtest.h>
#include <ostream>
#include <rapidcheck/gtest.h>
#include <vector>

#include "policy/sorted_pieces.hpp"
#include "policy/untaken.hpp"
#include "property/policy/universe.hpp"

namespace policy {

inline void showValue(const Piece<std::uint32_t>& piece, std::ostream& out) {
  out << to_end(piece).address.text() << " port " << piece.port.text();
}
inline void showValue(const Point<std::uint32_t>& point, std::ostream& out) {
  out << base::Address::v4(point.address).text() << " port " << point.port;
}

}  // namespace policy

namespace policy_property {

using base::PortRange;
using policy::DataPlane;
using Word = std::uint32_t;
using Piece = policy::Piece<Word>;
using Point = policy::Point<Word>;

constexpr unsigned kBits = 5;  // in which addresses differ
// One of each set of ports that no piece tells apart; the kernel takes those from 5 on in blocks.
constexpr std::array<std::uint16_t, 20> kPorts = {0,  1,   2,   3,   4,    5,    6,    8,    16,    32,
                                                  64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 65535};

// Addresses that differ in neighbouring bits: those bits are `value`'s, and all above are fixed.
struct Place {
  unsigned shift;
  [[nodiscard]] Word address(Word value) const { return (Word{10} << 28) | value << shift; }
  [[nodiscard]] Word mask(Word bits) const { return ~((Word{1} << (kBits + shift)) - 1) | bits << shift; }
};

rc::Gen<Piece> any_piece(Place place) {
  const auto bits = rc::gen::inRange<Word>(0, 1U << kBits);
  return rc::gen::map(rc::gen::tuple(bits, bits, universe::any_ports()), [place](const auto& parts) {
    const auto& [value, mask, ports] = parts;
    return Piece{place.address(value & mask), place.mask(mask), ports};
  });
}

bool has(const std::vector<Piece>& pieces, const Point& point) {
  return std::ranges::any_of(pieces, [&point](const Piece& piece) { return piece.contains(point); });
}

// Every point that a piece of that place can tell from another.
std::vector<Point> points_of(Place place) {
  std::vector<Point> all;
  for (Word value = 0; value < 1U << kBits; ++value) {
    for (const std::uint16_t port : kPorts) all.push_back({place.address(value), port});
  }
  return all;
}

bool is_expressible(PortRange range, DataPlane plane) {
  const unsigned size = range.hi - range.lo + 1U;
  return plane == DataPlane::kUserspace || (std::has_single_bit(size) && range.lo % size == 0);
}

// The piece one step larger in one part.
std::vector<Piece> larger(const Piece& piece, DataPlane plane) {
  std::vector<Piece> all;
  const Word mask = piece.mask & (piece.mask - 1);
  all.push_back({piece.value & mask, mask, piece.port});
  const auto [lo, hi] = piece.port;
  const unsigned size = (hi - lo + 1U) * 2;
  const unsigned begin = lo / size * size;
  const auto with = [&](unsigned from, unsigned to) {
    all.push_back({piece.value, piece.mask, {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to)}});
  };
  if (plane != DataPlane::kUserspace && !piece.port.is_any()) with(begin, begin + size - 1);
  if (plane == DataPlane::kUserspace && lo > 0) with(lo - 1U, hi);
  if (plane == DataPlane::kUserspace && hi < 65535) with(lo, hi + 1U);
  return all;
}

struct Question {
  Place place;
  std::vector<Piece> whole;
  std::vector<Piece> holes;
  Point around;
  DataPlane plane;
  std::size_t limit;

  [[nodiscard]] bool is_free(const Point& point) const { return has(whole, point) && !has(holes, point); }
  // Beyond the place nothing is free, and ports that no piece names are all alike.
  [[nodiscard]] bool is_free(const Piece& piece) const {
    if ((~piece.mask & place.mask(0)) != 0) return false;
    return std::ranges::all_of(points_of(place),
                               [&](const Point& point) { return !piece.contains(point) || is_free(point); });
  }
  [[nodiscard]] bool adds_nothing(const Piece& piece, const std::vector<Piece>& found) const {
    return std::ranges::all_of(points_of(place),
                               [&](const Point& point) { return !piece.contains(point) || has(found, point); });
  }
  [[nodiscard]] std::vector<Piece> answer() const {
    return policy::decompose<Word>(whole, policy::merged<Word>({}, holes), around, plane, limit);
  }
};

Question any_question() {
  Question asked;
  asked.place = {*rc::gen::element(0U, 3U, 23U)};
  asked.whole = *rc::gen::resize(3, rc::gen::nonEmpty(rc::gen::container<std::vector<Piece>>(any_piece(asked.place))));
  if (*rc::gen::arbitrary<bool>()) asked.whole.push_back({asked.place.address(0), asked.place.mask(0), {}});
  asked.holes = *rc::gen::resize(10, rc::gen::container<std::vector<Piece>>(any_piece(asked.place)));
  auto free = points_of(asked.place);
  std::erase_if(free, [&asked](const Point& point) { return !asked.is_free(point); });
  asked.around = *rc::gen::elementOf(free.empty() ? points_of(asked.place) : std::move(free));
  asked.plane = *universe::any_plane();
  asked.limit = *rc::gen::inRange<std::size_t>(1, 9);
  return asked;
}

void demand_maximal(const Question& asked, const std::vector<Piece>& found) {
  if (found.size() < asked.limit) {
    for (const Point& point : points_of(asked.place)) RC_ASSERT(has(found, point) == asked.is_free(point));
    return;
  }
  for (const Piece& piece : found) {
    for (const Piece& one : larger(piece, asked.plane)) {
      RC_ASSERT(!asked.is_free(one) || asked.adds_nothing(one, found));
    }
  }
}

RC_GTEST_PROP(Decompose, IsInsideExactAndAsLargeAsTheLimitAllows, ()) {
  const Question asked = any_question();
  const auto found = asked.answer();
  RC_ASSERT(found.empty() == !asked.is_free(asked.around));
  if (found.empty()) return;
  RC_ASSERT(has(found, asked.around));
  RC_ASSERT(found.size() <= asked.limit);
  for (const Piece& piece : found) {
    RC_ASSERT(asked.is_free(piece));
    RC_ASSERT(is_expressible(piece.port, asked.plane));
    RC_ASSERT(std::popcount(piece.mask) == std::countl_one(piece.mask));
  }
  demand_maximal(asked, found);
}

// What is taken where the tree of prefixes is too large.
RC_GTEST_PROP(Untaken, AddsEveryPointInPiecesThatCannotGrow, ()) {
  const Question asked = any_question();
  std::vector<Piece> found;
  const std::size_t limit = *rc::gen::arbitrary<bool>() ? asked.limit : 1000;
  policy::add_untaken<Word>(found, {asked.whole, asked.holes}, asked.around, asked.plane, limit);
  RC_ASSERT(found.size() <= limit);
  for (const Piece& piece : found) {
    RC_ASSERT(asked.is_free(piece));
    RC_ASSERT(is_expressible(piece.port, asked.plane));
    for (const Piece& one : larger(piece, asked.plane))
      RC_ASSERT(!asked.is_free(one) || asked.adds_nothing(one, {piece}));
  }
  if (found.size() == limit) return;
  for (const Point& point : points_of(asked.place)) RC_ASSERT(has(found, point) == asked.is_free(point));
}

// Both ends of a tunnel have the same sets, in an order of their own.
RC_GTEST_PROP(Decompose, IsTheSameInWhateverOrderItIsAsked, ()) {
  Question asked = any_question();
  const auto found = asked.answer();
  std::ranges::reverse(asked.whole);
  std::ranges::reverse(asked.holes);
  RC_ASSERT(asked.answer() == found);
}

}  // namespace policy_property
