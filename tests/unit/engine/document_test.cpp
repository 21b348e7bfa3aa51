// docs/engine.md shows the initiator's machine as it is: its two generated parts are compared with the table of moves.
#include "unit/engine/document.hpp"

#include <gtest/gtest.h>
#include <map>
#include <ranges>
#include <string>
#include <string_view>

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

// Gray is read on white and on black; the site has both.
constexpr const char* kLook =
    "  bgcolor=transparent\n"
    "  node [color=\"#888888\" fontcolor=\"#777777\" fontname=\"sans-serif\" fontsize=12 shape=box style=rounded]\n"
    "  edge [color=\"#888888\" fontcolor=\"#777777\" fontname=\"sans-serif\" fontsize=11]\n";

// The words in lines of some forty characters.
std::string folded(std::string_view words) {
  std::string lines;
  std::size_t length = 0;
  for (const auto word : std::views::split(words, ' ')) {
    const std::string one(word.begin(), word.end());
    const bool fits = length + one.size() < 40;
    if (!lines.empty()) lines += fits ? " " : "\\n";
    length = (fits ? length + 1 : 0) + one.size();
    lines += one;
  }
  return lines;
}

// Arrows between the same two states are one.
std::string picture() {
  std::string lines = "digraph initiator {\n" + std::string(kLook) + "  begin [shape=point]\n  begin -> idle\n";
  std::map<std::pair<State, State>, std::string> arrows;
  for (const Move& move : kMoves) {
    std::string& cues = arrows[{move.from, move.to}];
    cues += (cues.empty() ? "" : ",\\n") + text(name(move.cue));
  }
  for (const auto& [ends, cues] : arrows) {
    lines += "  " + text(name(ends.first)) + " -> " + text(name(ends.second)) + " [label=\"" + cues + "\"]\n";
  }
  return lines + "}\n";
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

// From question to question down, and to what the first yes means at its side.
std::string rulings_picture() {
  std::string lines = "digraph responder {\n" + std::string(kLook) + "  nodesep=0.6 ranksep=0.25\n";
  for (std::size_t i = 0; i < kRulings.size(); ++i) {
    const RulingRow& row = kRulings[i];
    const std::string number = std::to_string(i + 1);
    if (i + 1 == kRulings.size()) return lines + "  r" + number + " [label=\"is answered\" shape=box style=bold]\n}\n";
    lines += "  r" + number + " [label=\"" + number + ". " + folded(row.when) + "?\"]\n";
    lines += "  e" + number + " [label=\"" + text(name(row.end)) + "\" style=\"\"]\n";
    lines += "  { rank=same; r" + number + " -> e" + number + " [label=\"yes\"] }\n";
    lines += "  r" + number + " -> r" + std::to_string(i + 2) + " [label=\"no\" weight=9]\n";
  }
  return lines;
}

TEST(Document, ShowsTheRulingsOfTheResponder) {
  expect_generated("rulings", rulings());
  expect_drawn_from("engine-responder", rulings_picture());
}

TEST(Document, ShowsTheMovesOfTheInitiator) {
  expect_generated("moves", table());
  expect_drawn_from("engine-initiator", picture());
}

}  // namespace
}  // namespace engine
