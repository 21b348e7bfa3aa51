// The parts of docs/engine.md that are generated, and its pictures. With OPENTED_UPDATE_GOLDEN=1 in the environment
// they are written instead: look at their difference before it is committed, and draw the pictures
// (tests/docs/draw.py).
#pragma once

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

namespace engine {

inline std::string documents(const std::string& name) {
  return OPENTED_TESTS_DIR "/../docs/" + name;
}

inline std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// That docs/engine.md has `wanted` between the marks of the part `what`.
inline void expect_generated(const std::string& what, const std::string& wanted) {
  const std::string path = documents("engine.md");
  std::string document = content(path);
  const std::string begin = "<!-- generated: " + what + " -->\n";
  const auto mark = document.find(begin);
  const auto end = document.find("<!-- end -->\n", mark);
  ASSERT_TRUE(mark != std::string::npos && end != std::string::npos) << path << " lacks the part '" << what << "'";
  const auto from = mark + begin.size();
  EXPECT_EQ(document.substr(from, end - from), wanted) << "of the part '" << what << "' of " << path;
  if (std::getenv("OPENTED_UPDATE_GOLDEN") == nullptr) return;
  std::ofstream(path, std::ios::binary) << document.replace(from, end - from, wanted);
}

/// That the picture of that name is drawn from `wanted`, which is Graphviz' DOT.
inline void expect_drawn_from(const std::string& name, const std::string& wanted) {
  const std::string path = documents(name + ".dot");
  EXPECT_EQ(content(path), wanted) << path;
  if (std::getenv("OPENTED_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << wanted;
}

}  // namespace engine
