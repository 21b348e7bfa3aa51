#include "engine/discovery.hpp"

namespace engine {

namespace {

constexpr std::array<std::string_view, kStateCount> kStateNames = {"idle",         "probing", "negotiating", "yielding",
                                                                   "holding_down", "resting", "finished"};
constexpr std::array<std::string_view, kCueCount> kCueNames = {
    "caught", "repeat",    "unanswered", "agreed",   "yielded", "observed", "disagreed",
    "traced", "tunnel_up", "failed",     "released", "next",    "forgotten"};
static_assert(static_cast<std::size_t>(State::kFinished) + 1 == kStateCount);
static_assert(static_cast<std::size_t>(Cue::kForgotten) + 1 == kCueCount);

}  // namespace

const Move* find_move(State state, Cue cue) {
  for (const Move& move : kMoves) {
    if (move.from == state && move.cue == cue) return &move;
  }
  return nullptr;
}

std::string_view name(State state) {
  return kStateNames[static_cast<std::size_t>(state)];
}
std::string_view name(Cue cue) {
  return kCueNames[static_cast<std::size_t>(cue)];
}

}  // namespace engine
