// Pages that need nothing else: the look that they share, and text that is safe in them.
#pragma once

#include <string>
#include <string_view>

namespace picture {

/// The text for any place of a page: between tags, and in an attribute between either kind of quotes. Bytes that are no
/// UTF-8, and control characters, which a page may not have, become U+FFFD; line feeds stay.
[[nodiscard]] std::string escaped(std::string_view text);

/// A whole page. `title` is any text; `body` is HTML. For a phone, for the dark, and without relying on colour. The
/// page loads nothing, and its own policy forbids it.
[[nodiscard]] std::string page(std::string_view title, const std::string& body);

/// One entry of a `<dl class='facts'>`: a short name, and its value, both any text.
[[nodiscard]] std::string fact(std::string_view name, std::string_view value);

}  // namespace picture
