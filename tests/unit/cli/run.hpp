// Runs the real tedctl.
#pragma once

#include <string>
#include <vector>

namespace cli_test {

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;
};

/// `tedctl arguments…` with `input` on standard input. Each argument goes to the program as it stands.
[[nodiscard]] Outcome tedctl(const std::vector<std::string>& arguments, const std::string& input = {});

/// A directory of this run's own; it lives as long as the process.
[[nodiscard]] std::string scratch();

/// Writes a file there and gives back its path.
[[nodiscard]] std::string written(const std::string& name, const std::string& content);

/// Compares with tests/golden/cli/NAME. With OPENTED_UPDATE_GOLDEN=1 in the environment the file is written instead:
/// look at its difference before it is committed.
void expect_golden(const std::string& name, const std::string& text);

}  // namespace cli_test
