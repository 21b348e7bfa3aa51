#include "daemon/warnings.hpp"

#include <array>
#include <gtest/gtest.h>

namespace tedd {
namespace {

TEST(Warnings, ARuleThatHoldsIsNamed) {
  policy::Rule plain;
  plain.name = "plain";
  policy::Rule patient;
  patient.name = "patient";
  patient.first_packet = policy::FirstPacket::kHold;
  EXPECT_TRUE(warnings_about(std::array{plain}).empty());
  const auto warnings = warnings_about(std::array{plain, patient});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("'patient'"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[0].find("\"drop\""), std::string::npos) << warnings[0];
}

}  // namespace
}  // namespace tedd
