// docs/engine.md shows the initiator's machine as it is: its two generated parts are compared with the table of moves.
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <string>

#include "engine/discovery.hpp"

namespace engine {
namespace {

std::string text(std::string_view words) {
  return std::string(words);
}

std::string table() {
  std::string lines = "| state | what happens | then | the log says |\n|---|---|---|---|\n";
  for (const Move& move : kMoves) {
    lines += "| `" + text(name(move.from)) + "` | " + text(name(move.cue)) + " | `" + text(name(move.to)) + "` | " +
             text(move.story) + " |\n";
  }
  return lines;
}

// Arrows between the same two states are one.
std::string picture() {
  std::string lines = "```mermaid\nstateDiagram-v2\n    [*] --> idle\n";
  std::map<std::pair<State, State>, std::string> arrows;
  for (const Move& move : kMoves) {
    std::string& cues = arrows[{move.from, move.to}];
    cues += (cues.empty() ? "" : ", ") + text(name(move.cue));
  }
  for (const auto& [ends, cues] : arrows) {
    lines += "    " + text(name(ends.first)) + " --> " + text(name(ends.second)) + ": " + cues + "\n";
  }
  return lines + "    finished --> [*]\n```\n";
}

std::string between(const std::string& document, const std::string& what) {
  const std::string begin = "<!-- generated: " + what + " -->\n";
  const std::string end = "<!-- end -->\n";
  const auto from = document.find(begin);
  const auto to = document.find(end, from);
  if (from == std::string::npos || to == std::string::npos) return "docs/engine.md lacks the part '" + what + "'";
  return document.substr(from + begin.size(), to - from - begin.size());
}

TEST(Document, ShowsTheMovesOfTheInitiator) {
  std::ifstream file(OPENTED_TESTS_DIR "/../docs/engine.md");
  const std::string document((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(between(document, "moves"), table()) << "what docs/engine.md should say:\n" << table();
  EXPECT_EQ(between(document, "picture"), picture()) << "what docs/engine.md should show:\n" << picture();
}

}  // namespace
}  // namespace engine
