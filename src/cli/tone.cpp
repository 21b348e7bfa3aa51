#include "cli/tone.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cli {

namespace {

constexpr std::array<std::string_view, 5> kBad = {"TED-DISCOVERY-FAILED", "TED-BYPASS-OPENED", "TED-TUNNEL-REFUSED",
                                                  "TED-TUNNEL-UNAUTHORISED", "TED-GUARD-RESTORED"};

}  // namespace

// The sixteen colours that people choose for themselves: what is red on their ground can be read.
std::string painted(std::string text, Tone tone) {
  static constexpr std::array kCodes = {"", "1", "32", "31", "2"};
  if (tone == Tone::kPlain) return text;
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(tone)], text);
}

Tone tone_of_event(std::string_view id) {
  if (id == "TED-TUNNEL-UP") return Tone::kGood;
  return std::ranges::find(kBad, id) != kBad.end() ? Tone::kBad : Tone::kPlain;
}

}  // namespace cli
