#include "policy/region.hpp"

#include <gtest/gtest.h>

#include "unit/policy/build.hpp"

namespace policy_test {

using policy::DataPlane;

base::SelectorEnd end(const std::string& address, const std::string& port = "any") {
  return {addresses(address), ports(port)};
}

const policy::Point kPoint{addresses("10.1.2.3/32").address(), 443};

std::vector<base::SelectorEnd> pieces(const std::vector<base::SelectorEnd>& whole,
                                      const std::vector<base::SelectorEnd>& holes, std::size_t limit = 64) {
  return policy::decompose(whole, holes, kPoint, DataPlane::kUserspace, limit);
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
  EXPECT_TRUE(std::ranges::any_of(odd, [](const auto& one) { return one.address.contains(kPoint.address); }));
}

// The same ports are missing from both halves: what is left of each is more than the limit takes, and joins.
TEST(Decompose, AtItsLimitHasNoEndThatCouldGrow) {
  const auto one = pieces({end("10.0.0.0/8")}, {end("10.1.2.2/32", "80"), end("10.1.2.3/32", "80")}, 1);
  EXPECT_EQ(one, std::vector{end("10.0.0.0/8", "81-65535")});
  const auto kernel = policy::decompose(std::vector{end("10.1.2.2/31")},
                                        std::vector{end("10.1.2.2/32", "80"), end("10.1.2.3/32", "80")}, kPoint,
                                        DataPlane::kKernel, 18);
  EXPECT_EQ(kernel.size(), 16U) << "all ports of two hosts but one";
  for (const auto& each : kernel) EXPECT_EQ(each.address, addresses("10.1.2.2/31"));
}

TEST(Covers, OfManyTogether) {
  EXPECT_TRUE(policy::covers(std::vector{end("10.0.0.0/9"), end("10.128.0.0/9")}, end("10.0.0.0/8")));
  EXPECT_TRUE(
      policy::covers(std::vector{end("10.0.0.0/8", "0-99"), end("10.0.0.0/8", "100-65535")}, end("10.1.0.0/16")));
  EXPECT_FALSE(policy::covers(std::vector{end("10.0.0.0/9"), end("10.128.0.0/10")}, end("10.0.0.0/8")));
}

// Odd and even hosts are all of them, but 2^24 of each would have to be looked at.
TEST(Covers, GivesUpInTimeAndThenSaysNo) {
  const std::vector halves{end("10.0.0.0/255.0.0.1"), end("10.0.0.1/255.0.0.1")};
  EXPECT_FALSE(policy::covers(halves, end("10.0.0.0/8")));
  EXPECT_TRUE(policy::covers(halves, end("10.7.7.0/24")));
}

}  // namespace policy_test
