#include "picture/svg.hpp"

#include <cstdio>

#include "picture/html.hpp"

namespace picture {

namespace {

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
}

}  // namespace

std::string place(double value) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%.1f", value);
  return {text, static_cast<std::size_t>(length)};
}

std::string svg_text(double x, double y, std::string_view text, std::string_view anchor, std::string_view kind) {
  return "<text x='" + place(x) + "' y='" + place(y) + "' text-anchor='" + std::string(anchor) + "' class='" +
         std::string(kind) + "'>" + escaped(text) + "</text>";
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view kind) {
  return "<line x1='" + place(x1) + "' y1='" + place(y1) + "' x2='" + place(x2) + "' y2='" + place(y2) + "' class='" +
         std::string(kind) + "'/>";
}

std::string svg(double height, std::string_view label, const std::string& content) {
  return "<svg viewBox='0 0 360 " + place(height) + "' role='img' aria-label='" + escaped(label) + "'>" + content +
         "</svg>\n";
}

std::string shortened(std::string_view text, std::size_t letters) {
  std::size_t seen = 0;
  std::size_t fits = 0;  // where what fits beside the mark ends
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!begins_character(text[at])) continue;
    if (++seen == letters) fits = at;
    if (seen > letters) return std::string(text.substr(0, fits)) + "…";
  }
  return std::string(text);
}

double width_of(std::string_view text, bool small) {
  std::size_t letters = 0;
  for (const char c : text) letters += begins_character(c) ? 1U : 0U;
  return static_cast<double>(letters) * (small ? 5.7 : 6.4);
}

}  // namespace picture
