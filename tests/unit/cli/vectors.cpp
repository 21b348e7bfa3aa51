#include "unit/cli/vectors.hpp"

#include <fstream>

namespace cli_test {

std::vector<Vector> vectors(const std::string& file) {
  std::vector<Vector> all;
  std::ifstream stream(std::string(OPENTED_TESTS_DIR) + "/vectors/" + file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("[")) all.emplace_back();
    const auto value = [&line](std::string_view key) { return line.starts_with(key) ? line.substr(key.size()) : ""; };
    if (all.empty()) continue;
    Vector& vector = all.back();
    if (line.starts_with("Name = ")) vector.name = value("Name = ");
    if (line.starts_with("Buffer = ")) vector.hex = value("Buffer = ");
    if (line.starts_with("Error = ")) vector.error = value("Error = ");
    if (line == "Encode = same") vector.as_we_encode = true;
  }
  return all;
}

}  // namespace cli_test
