// A text compared with a file of tests/unit/nft/golden.
#pragma once

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace nft_test {

/// Differences are shown by gtest; to accept them, run with OPENTED_UPDATE_GOLDEN=1 and look at the diff.
inline void expect_golden(const std::string& text, const std::string& name) {
  const std::string path = std::string(OPENTED_TESTS_DIR) + "/unit/nft/golden/" + name;
  if (std::getenv("OPENTED_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::ostringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(text, expected.str()) << path;
}

}  // namespace nft_test
