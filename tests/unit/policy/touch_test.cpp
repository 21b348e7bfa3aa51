#include "policy/touch.hpp"

#include <gtest/gtest.h>
#include <random>

#include "policy/sorted_pieces.hpp"

namespace policy_test {

using Word = std::uint32_t;
using Pieces = std::vector<policy::Piece<Word>>;

Word below(std::mt19937& random, Word end) {
  return static_cast<Word>(random() % end);
}

// Addresses of a few bits, so that much meets; prefixes, or masks of any shape.
policy::Piece<Word> any_piece(std::mt19937& random, bool is_prefix) {
  const Word mask = is_prefix ? policy::leading_ones<Word>(26 + below(random, 7)) : 0xffffffc0U | below(random, 64);
  const auto lo = static_cast<std::uint16_t>(below(random, 4));
  const base::PortRange port = random() % 2 == 0 ? base::PortRange::any() : base::PortRange{lo, 4};
  return {(0x0a000000U | below(random, 64)) & mask, mask, port};
}

Pieces any_pieces(std::mt19937& random, std::size_t count, bool are_prefixes) {
  Pieces pieces;
  for (std::size_t i = 0; i < count; ++i) pieces.push_back(any_piece(random, are_prefixes));
  return pieces;
}

TEST(Touch, IsWhatHoldingEachAgainstItSays) {
  std::mt19937 random(1);
  std::size_t touching = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto prefixes = any_pieces(random, random() % 5, true);
    const auto piece = any_piece(random, random() % 2 == 0);
    const bool meets = std::ranges::any_of(prefixes, [&](const auto& one) { return one.meets(piece); });
    ASSERT_EQ(policy::Touch<Word>(prefixes)(piece), meets);
    touching += meets ? 1U : 0U;
  }
  EXPECT_GT(touching, 2'000U);
  EXPECT_LT(touching, 18'000U);
}

TEST(SortPieces, IsTheSameDealtOutAsCompared) {
  std::mt19937 random(2);
  const auto same = [](const policy::Piece<Word>& piece) { return piece; };
  for (const std::size_t count : {0U, 1U, 256U, 257U, 5'000U}) {
    auto pieces = any_pieces(random, count, false);
    for (auto& piece : pieces) {
      if (random() % 2 == 0) piece = {below(random, 1U << 31) & 0xffff0000U, 0xffff0000U, piece.port};
    }
    auto compared = pieces;
    std::ranges::sort(compared, policy::precedes<Word>);
    policy::sort_pieces<Word>(pieces, same);
    EXPECT_EQ(pieces, compared) << count;
  }
}

TEST(SortPieces, OfIpv6Too) {
  std::mt19937_64 random(3);
  std::vector<policy::Piece<base::Uint128>> pieces;
  for (int i = 0; i < 1'000; ++i) {
    const auto mask = policy::leading_ones<base::Uint128>(static_cast<unsigned>(random() % 129));
    pieces.push_back({(base::Uint128{random()} << 64 | random()) & mask, mask, {}});
  }
  policy::sort_pieces<base::Uint128>(pieces, [](const auto& piece) { return piece; });
  EXPECT_TRUE(std::ranges::is_sorted(pieces, policy::precedes<base::Uint128>));
}

TEST(SortPieces, AppendsNothingThatTheLastOneCovers) {
  Pieces sorted;
  for (const auto& piece : policy::merged<Word>({}, {{0x0a010000, 0xffff0000, {}},
                                                     {0x0a000000, 0xff000000, {}},
                                                     {0x0b000000, 0xff000000, {80, 90}},
                                                     {0x0b000000, 0xffff0000, {}},
                                                     {0x0a000000, 0xff000000, {}}})) {
    policy::append(sorted, piece);
  }
  EXPECT_EQ(sorted,
            (Pieces{{0x0a000000, 0xff000000, {}}, {0x0b000000, 0xff000000, {80, 90}}, {0x0b000000, 0xffff0000, {}}}));
}

}  // namespace policy_test
