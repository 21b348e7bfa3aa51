#include "policy/region.hpp"

#include <gtest/gtest.h>

#include "unit/policy/build.hpp"

namespace policy_test {

using Word = std::uint32_t;

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
