// Pieces of pictures: each picture is an <svg> 360 units wide, so that its letters can be read on a phone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace picture {

inline constexpr double kSvgWidth = 360;

/// A number with one digit behind the point: enough for a place in a picture.
[[nodiscard]] std::string place(double value);

/// `anchor` is start, middle or end. `text` is any text.
[[nodiscard]] std::string svg_text(double x, double y, std::string_view text, std::string_view anchor = "start",
                                   std::string_view kind = "");

[[nodiscard]] std::string svg_line(double x1, double y1, double x2, double y2, std::string_view kind);

/// `label` says in words what the picture shows: who cannot see it hears that instead.
[[nodiscard]] std::string svg(double height, std::string_view label, const std::string& content);

/// At most so many characters of it; what is cut ends in `…`.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t letters);

/// About as wide as so many letters are, of 11.5 units height or, when small, of 10.5; a little too much for most text.
[[nodiscard]] double width_of(std::string_view text, bool small = false);

}  // namespace picture
