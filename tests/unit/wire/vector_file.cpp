#include "unit/wire/vector_file.hpp"

#include <algorithm>
#include <fstream>

#include "base/hex.hpp"

bool VectorCase::has(std::string_view key) const {
  return std::ranges::any_of(lines, [key](const auto& line) { return line.first == key; });
}

std::string VectorCase::value(std::string_view key) const {
  const auto line = std::ranges::find_if(lines, [key](const auto& candidate) { return candidate.first == key; });
  return line == lines.end() ? std::string() : line->second;
}

base::Bytes VectorCase::buffer() const {
  return base::from_hex(value("Buffer")).value_or(base::Bytes());
}

std::vector<VectorCase> read_vectors(const std::string& name) {
  std::vector<VectorCase> cases;
  std::ifstream file(std::string(OPENTED_TESTS_DIR) + "/vectors/" + name);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with('[')) {
      cases.push_back({line.substr(1, line.find(']') - 1), {}});
      continue;
    }
    const auto equals = line.find(" = ");
    if (equals == std::string::npos || cases.empty()) continue;
    cases.back().lines.emplace_back(line.substr(0, equals), line.substr(equals + 3));
  }
  return cases;
}
