// The parts of docs/engine.md that are generated.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace engine {

/// What stands there between the marks of the part; a sentence about it when there are none.
inline std::string generated(const std::string& what) {
  std::ifstream file(OPENTED_TESTS_DIR "/../docs/engine.md");
  const std::string document((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string begin = "<!-- generated: " + what + " -->\n";
  const auto from = document.find(begin);
  const auto to = document.find("<!-- end -->\n", from);
  if (from == std::string::npos || to == std::string::npos) return "docs/engine.md lacks the part '" + what + "'";
  return document.substr(from + begin.size(), to - from - begin.size());
}

}  // namespace engine
