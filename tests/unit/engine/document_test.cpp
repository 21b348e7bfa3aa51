// docs/engine.md shows the initiator's machine as it is: its two generated parts are compared with the table of moves.
#include "unit/engine/document.hpp"

#include <gtest/gtest.h>
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

TEST(Document, ShowsTheMovesOfTheInitiator) {
  EXPECT_EQ(generated("moves"), table()) << "what docs/engine.md should say:\n" << table();
  EXPECT_EQ(generated("picture"), picture()) << "what docs/engine.md should show:\n" << picture();
}

}  // namespace
}  // namespace engine
