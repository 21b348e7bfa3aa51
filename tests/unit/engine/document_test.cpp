// docs/engine.md shows the initiator's machine as it is: its two generated parts are compared with the table of moves.
#include "unit/engine/document.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>

#include "engine/discovery.hpp"
#include "engine/ruling.hpp"

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

std::string rulings() {
  std::string lines = "| | when | the probe | counted as | the log says |\n|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < kRulings.size(); ++i) {
    const RulingRow& row = kRulings[i];
    lines += "| " + std::to_string(i + 1) + " | " + text(row.when) + " | " + text(name(row.end)) + " | `" +
             text(name(row.counter)) + "` | " + text(row.story) + " |\n";
  }
  return lines;
}

std::string rulings_picture() {
  std::string lines = "```mermaid\nflowchart TD\n    on([travels on])\n    dropped([is dropped])\n";
  for (std::size_t i = 0; i + 1 < kRulings.size(); ++i) {
    const RulingRow& row = kRulings[i];
    const std::string self = "r" + std::to_string(i + 1);
    const bool last = i + 2 == kRulings.size();
    lines += "    " + self + "{\"" + text(row.when) + "?\"}\n";
    lines += "    " + self + " -- yes --> " + (row.end == ProbeEnd::kTravelsOn ? "on" : "dropped") + "\n";
    lines += "    " + self + " -- no --> " + (last ? "answered([is answered])" : "r" + std::to_string(i + 2)) + "\n";
  }
  return lines + "```\n";
}

TEST(Document, ShowsTheRulingsOfTheResponder) {
  EXPECT_EQ(generated("rulings"), rulings()) << "what docs/engine.md should say:\n" << rulings();
  EXPECT_EQ(generated("rulings picture"), rulings_picture()) << "what docs/engine.md should show:\n"
                                                             << rulings_picture();
}

TEST(Document, ShowsTheMovesOfTheInitiator) {
  EXPECT_EQ(generated("moves"), table()) << "what docs/engine.md should say:\n" << table();
  EXPECT_EQ(generated("picture"), picture()) << "what docs/engine.md should show:\n" << picture();
}

}  // namespace
}  // namespace engine
