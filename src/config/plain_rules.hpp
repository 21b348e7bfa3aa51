// Rules in the few forms of TOML in which nearly all of them are written, read many times as fast as by the TOML
// library.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/document.hpp"

namespace config {

/// The tables of a text that begins in line `first_line` of its file and is nothing but `[[rule]]` headers, comments,
/// and plain keys of strings without escapes, decimal numbers, true or false, and lists of these; all of it in ASCII.
/// What the TOML library makes of such a text is the same, places included, but for the order of keys, which is that of
/// the text. Nothing for any other text, which may be right or wrong: ask the library.
[[nodiscard]] std::optional<List> read_plain_rules(std::string_view text, std::uint32_t first_line);

}  // namespace config
