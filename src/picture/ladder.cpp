#include "picture/ladder.hpp"

#include <algorithm>

#include "picture/svg.hpp"

namespace picture {

namespace {

constexpr double kLeft = 58;  ///< room for the times
constexpr double kTop = 34;
constexpr double kDown = 36;
constexpr double kEdge = 5;
constexpr std::size_t kLetters = 44;

std::string cross(double x, double y) {
  return "<path class='cross' d='M" + place(x - 4) + " " + place(y - 4) + "l8 8m0 -8l-8 8'/>";
}

std::string draw_point(const Step& step, double x, double y) {
  const bool left = x > kSvgWidth / 2;
  std::string drawn = step.kind == Step::Kind::kEnd
                          ? cross(x, y)
                          : "<circle cx='" + place(x) + "' cy='" + place(y) + "' r='4' class='core'/>";
  // Within the picture: beside the line where there is room, and else across it.
  const double room = left ? x - kLeft - 8 : kSvgWidth - x - 8;
  const auto letters = static_cast<std::size_t>(room / width_of("x", true));
  return drawn + svg_text(x + (left ? -8 : 8), y + 4, shortened(step.caption, std::min(letters, kLetters)),
                          left ? "end" : "start", "small");
}

std::string draw_arrow(const Step& step, double from, double to, double y) {
  const double middle = (from + to) / 2;
  const double head = to > from ? -6 : 6;
  const bool lost = step.kind == Step::Kind::kLost;
  const char* kind = lost ? "arrow lost" : step.kind == Step::Kind::kCarry ? "arrow carry" : "arrow";
  std::string drawn = svg_line(from, y, lost ? middle : to, y + 8, kind);
  if (lost) {
    drawn += svg_text(middle, y + 12, "× " + step.loss, to > from ? "start" : "end", "small");
  } else {
    drawn += "<path class='head' d='M" + place(to) + " " + place(y + 8) + "l" + place(head) + " -4v7z'/>";
  }
  // Not up to the edge, where it would seem to be cut.
  const auto letters = static_cast<std::size_t>((kSvgWidth - kLeft - kEdge) / width_of("x", true));
  const std::string caption = shortened(step.caption, std::min(letters, kLetters));
  const double half = width_of(caption, true) / 2;
  const double x = std::clamp(middle, kLeft + half, std::max(kLeft + half, kSvgWidth - kEdge - half));
  return drawn + svg_text(x, y - 5, caption, "middle", "small");
}

}  // namespace

std::string draw_ladder(std::string_view label, const std::vector<std::string>& columns,
                        const std::vector<Step>& steps) {
  const double height = kTop + kDown * static_cast<double>(steps.size()) + 12;
  const double apart = (kSvgWidth - kLeft - 36) / static_cast<double>(std::max<std::size_t>(2, columns.size()) - 1);
  const auto x_of = [&](std::size_t column) { return kLeft + 14 + apart * static_cast<double>(column); };
  std::string content;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = shortened(columns[i], static_cast<std::size_t>(std::max(4.0, apart / width_of("x"))));
    const double half = width_of(name) / 2;
    const double x = std::clamp(x_of(i), half, kSvgWidth - half);
    content += svg_line(x_of(i), 16, x_of(i), height, "life") + svg_text(x, 11, name, "middle");
  }
  double y = kTop;
  for (const Step& step : steps) {
    const double from = x_of(step.from);
    const double to = x_of(step.to);
    content += svg_text(0, y + 4, step.when, "start", "small");
    content += step.from == step.to ? draw_point(step, from, y) : draw_arrow(step, from, to, y);
    y += kDown;
  }
  return svg(height, label, content);
}

}  // namespace picture
