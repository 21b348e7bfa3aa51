// How a line is to be taken at a glance, on a terminal that has colours. What a tone says, the words say as well.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cli {

enum class Tone : std::uint8_t { kPlain, kHeading, kGood, kBad, kFaint };

/// The text between the escape sequences of its tone; as it is when that is plain.
[[nodiscard]] std::string painted(std::string text, Tone tone);

/// Of the event with that id (docs/events.md): a tunnel that comes up is good, and what keeps traffic from being
/// protected is bad.
[[nodiscard]] Tone tone_of_event(std::string_view id);

}  // namespace cli
