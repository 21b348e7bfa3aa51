#include "policy/region.hpp"

#include <gtest/gtest.h>

#include "policy/decompose.hpp"
#include "unit/policy/build.hpp"

namespace policy_test {

using policy::DataPlane;
using Word = std::uint32_t;

base::SelectorEnd end(const std::string& address, const std::string& port = "any") {
  return {addresses(address), ports(port)};
}

const policy::Point<Word> kPoint{0x0a010203, 443};  // 10.1.2.3

std::vector<policy::Piece<Word>> to_pieces(const std::vector<base::SelectorEnd>& ends) {
  std::vector<policy::Piece<Word>> pieces;
  for (const base::SelectorEnd& end : ends) pieces.push_back(policy::to_piece<Word>(end));
  return pieces;
}

std::vector<base::SelectorEnd> pieces(const std::vector<base::SelectorEnd>& whole,
                                      const std::vector<base::SelectorEnd>& holes, std::size_t limit = 64,
                                      DataPlane plane = DataPlane::kUserspace) {
  const auto pieces = policy::decompose<Word>(to_pieces(whole), to_pieces(holes), kPoint, plane, limit);
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

TEST(Covers, OfManyTogether) {
  EXPECT_TRUE(policy::covers(std::vector{end("10.0.0.0/9"), end("10.128.0.0/9")}, end("10.0.0.0/8")));
  EXPECT_TRUE(
      policy::covers(std::vector{end("10.0.0.0/8", "0-99"), end("10.0.0.0/8", "100-65535")}, end("10.1.0.0/16")));
  EXPECT_FALSE(policy::covers(std::vector{end("10.0.0.0/9"), end("10.128.0.0/10")}, end("10.0.0.0/8")));
}

// Odd and even hosts are all of them.
TEST(Covers, OfMasksWithHolesThatOnlyTogetherCoverALargePrefix) {
  const std::vector halves{end("10.0.0.0/255.0.0.1"), end("10.0.0.1/255.0.0.1")};
  EXPECT_TRUE(policy::covers(halves, end("10.0.0.0/8")));
  EXPECT_TRUE(policy::covers(halves, end("10.7.7.0/24")));
  EXPECT_FALSE(policy::covers(halves, end("10.0.0.0/7")));
  const std::vector with_ports{end("10.0.0.0/255.0.0.1"), end("10.0.0.1/255.0.0.1", "0-99"),
                               end("10.0.0.1/255.0.0.1", "101-65535")};
  EXPECT_FALSE(policy::covers(with_ports, end("10.0.0.0/8")));
  EXPECT_TRUE(policy::covers(with_ports, end("10.0.0.0/8", "0-99")));
}

// Each value of the last 18 bits by itself: they do cover, and it takes too long to see.
TEST(Covers, GivesUpInTimeAndThenSaysNo) {
  std::vector<base::SelectorEnd> ends;
  for (Word value = 0; value < 1U << 18; ++value) {
    ends.push_back({{base::Address::v4(0x0a000000 | value), 0xff03ffff}, {}});
  }
  EXPECT_FALSE(policy::covers(ends, end("10.0.0.0/8")));
}

}  // namespace policy_test
