// The vector files of tests/vectors, as far as tests of the tool need them.
#pragma once

#include <string>
#include <vector>

namespace cli_test {

struct Vector {
  std::string name;
  std::string hex;
  std::string error;          ///< the name of the error, for one that cannot be decoded
  bool as_we_encode = false;  ///< our own encoder makes the same bytes
};

[[nodiscard]] std::vector<Vector> vectors(const std::string& file);

}  // namespace cli_test
