#include "platform/nft/observation.hpp"

#include "golden.hpp"

namespace nft_test {
namespace {

TEST(Observation, CopiesTheFirstPacketsOfFlowsAndDropsNothing) {
  const std::string text = nft::observation_ruleset(7);
  expect_golden(text, "observation.nft");
  EXPECT_EQ(text.find("drop"), std::string::npos);
}

}  // namespace
}  // namespace nft_test
