// What of a text from elsewhere may be shown as it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

/// Bytes of the character that begins there, which is whole and shortest UTF-8; 0 where it is none, or one that does
/// something to a terminal or a page instead of being seen: a control character (line feeds and tabs among them), a
/// mark that turns the direction of text, which shows a name as another one, or one that ends a line.
[[nodiscard]] std::size_t showable_at(std::string_view text, std::size_t at);

}  // namespace base
