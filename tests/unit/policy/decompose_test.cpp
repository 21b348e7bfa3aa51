#include "policy/decompose.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "policy/sorted_pieces.hpp"
#include "unit/policy/build.hpp"

namespace policy_test {

using policy::DataPlane;
using Word = std::uint32_t;

const policy::Point<Word> kPoint{0x0a010203, 443};  // 10.1.2.3

std::vector<policy::Piece<Word>> to_pieces(const std::vector<base::SelectorEnd>& ends) {
  std::vector<policy::Piece<Word>> pieces;
  for (const base::SelectorEnd& end : ends) pieces.push_back(policy::to_piece<Word>(end));
  return pieces;
}

std::vector<base::SelectorEnd> pieces(const std::vector<base::SelectorEnd>& whole,
                                      const std::vector<base::SelectorEnd>& holes, std::size_t limit = 64,
                                      DataPlane plane = DataPlane::kUserspace) {
  const auto pieces =
      policy::decompose<Word>(to_pieces(whole), policy::merged<Word>({}, to_pieces(holes)), kPoint, plane, limit);
  return policy::to_ends<Word>(pieces);
}

TEST(Decompose, GivesTheFewestPrefixes) {
  EXPECT_EQ(pieces({end("10.0.0.0/9"), end("10.128.0.0/9")}, {}), std::vector{end("10.0.0.0/8")});
  EXPECT_EQ(pieces({end("10.0.0.0/8")}, {end("10.128.0.0/9")}), std::vector{end("10.0.0.0/9")});
  EXPECT_EQ(pieces({end("10.0.0.0/8")}, {end("10.0.0.0/8", "0-442"), end("10.0.0.0/8", "500")}),
            (std::vector{end("10.0.0.0/8", "443-499"), end("10.0.0.0/8", "501-65535")}));
}

TEST(Decompose, HasThePointHoweverFewItGives) {
  const auto one = pieces({end("10.0.0.0/8")}, {end("10.1.2.0/31")}, 1);
  EXPECT_EQ(one, std::vector{end("10.1.2.2/31")});
  EXPECT_TRUE(pieces({end("10.0.0.0/8")}, {end("10.1.2.3/32")}).empty());
  EXPECT_TRUE(pieces({end("10.2.0.0/16")}, {}).empty());
}

TEST(Decompose, OfAMaskWithHolesTakesWhatFits) {
  const auto odd = pieces({end("10.0.0.1/255.0.0.1")}, {});
  EXPECT_EQ(odd.size(), 64U);
  EXPECT_TRUE(std::ranges::any_of(odd, [](const auto& one) { return policy::to_piece<Word>(one).contains(kPoint); }));
}

// The same ports are missing from both halves: what is left of each is more than the limit takes, and joins.
TEST(Decompose, AtItsLimitHasNoEndThatCouldGrow) {
  const auto one = pieces({end("10.0.0.0/8")}, {end("10.1.2.2/32", "80"), end("10.1.2.3/32", "80")}, 1);
  EXPECT_EQ(one, std::vector{end("10.0.0.0/8", "81-65535")});
  const auto kernel =
      pieces({end("10.1.2.2/31")}, {end("10.1.2.2/32", "80"), end("10.1.2.3/32", "80")}, 18, DataPlane::kKernel);
  EXPECT_EQ(kernel.size(), 16U) << "all ports of two hosts but one";
  for (const auto& each : kernel) EXPECT_EQ(each.address, addresses("10.1.2.2/31"));
}

// All of them are free, and the one with the point is there.
void expect_full(const std::vector<base::SelectorEnd>& found, const std::vector<base::SelectorEnd>& whole,
                 const std::vector<base::SelectorEnd>& holes) {
  EXPECT_EQ(found.size(), 64U);
  EXPECT_TRUE(std::ranges::any_of(to_pieces(found), [](const auto& one) { return one.contains(kPoint); }));
  for (const base::SelectorEnd& one : found) {
    const auto meets = [&one](const base::SelectorEnd& hole) { return hole.address.meets(one.address); };
    EXPECT_TRUE(std::ranges::none_of(holes, meets)) << one.address.text();
    const auto covers = [&one](const base::SelectorEnd& part) { return part.address.covers(one.address); };
    EXPECT_TRUE(std::ranges::any_of(whole, covers)) << one.address.text();
  }
}

TEST(Decompose, FindsWhatIsFreeBesideAMaskWhoseLowBitsCount) {
  const std::vector whole{end("10.0.0.0/8")};
  const std::vector holes{end("10.0.0.1/255.0.0.255")};
  const auto found = pieces(whole, holes);
  expect_full(found, whole, holes);
  // One of them has the point; the others are the largest that there are.
  const auto is_half = [](const base::SelectorEnd& one) { return one.address.prefix()->length() == 25; };
  EXPECT_EQ(std::ranges::count_if(found, is_half), 63);
}

// Of every /24 the last 64 addresses and few others, which no hole alone says.
TEST(Decompose, FindsWhatIsLeftBesideSeveralSuchMasks) {
  const std::vector whole{end("10.0.0.0/8")};
  const std::vector holes{end("10.0.0.128/255.0.0.192"), end("10.0.0.0/255.0.0.129"), end("10.0.0.5/255.0.0.135"),
                          end("10.0.0.32/255.0.0.160"), end("10.0.0.64/255.0.0.192")};
  expect_full(pieces(whole, holes), whole, holes);
}

TEST(Decompose, FindsWhatIsLeftOfAMaskWhoseLowBitsCount) {
  const std::vector whole{end("10.0.0.3/255.0.0.255"), end("0.1.0.3/0.255.0.255")};
  const std::vector holes{end("0.2.0.3/0.2.0.3"), end("10.4.0.0/255.4.0.0")};
  expect_full(pieces(whole, {}), whole, {});
  expect_full(pieces(whole, holes), whole, holes);
}

}  // namespace policy_test
