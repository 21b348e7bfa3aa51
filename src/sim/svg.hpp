// Pieces of the pictures in a report: each is an <svg> 360 units wide, so that its letters can be read on a phone.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "sim/simulation.hpp"

namespace sim {

inline constexpr double kSvgWidth = 360;

/// A number with at most one digit behind the point: enough for a place in a picture.
[[nodiscard]] inline std::string place(double value) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%.1f", value);
  return {text, static_cast<std::size_t>(length)};
}

[[nodiscard]] inline std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      safe += c;
    }
  }
  return safe;
}

/// `anchor` is start, middle or end.
[[nodiscard]] inline std::string svg_text(double x, double y, std::string_view text, std::string_view anchor = "start",
                                          std::string_view kind = "") {
  return "<text x='" + place(x) + "' y='" + place(y) + "' text-anchor='" + std::string(anchor) + "' class='" +
         std::string(kind) + "'>" + escaped(text) + "</text>";
}

[[nodiscard]] inline std::string svg_line(double x1, double y1, double x2, double y2, std::string_view kind) {
  return "<line x1='" + place(x1) + "' y1='" + place(y1) + "' x2='" + place(x2) + "' y2='" + place(y2) + "' class='" +
         std::string(kind) + "'/>";
}

/// `label` says in words what the picture shows.
[[nodiscard]] inline std::string svg(double height, std::string_view label, const std::string& content) {
  return "<svg viewBox='0 0 360 " + place(height) + "' role='img' aria-label='" + escaped(label) + "'>" + content +
         "</svg>\n";
}

/// Who stands where, and which tunnels stand; of many gateways a sample.
[[nodiscard]] std::string draw_topology(const Simulation& simulation);
/// One discovery, step by step.
[[nodiscard]] std::string draw_ladder(const Simulation& simulation);
/// The share of flows that have a tunnel, and what crossed the links, over time.
[[nodiscard]] std::string draw_curves(const Simulation& simulation);

}  // namespace sim
