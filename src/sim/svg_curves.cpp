#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "picture/svg.hpp"
#include "sim/svg.hpp"

namespace sim {

namespace {

using picture::kSvgWidth;
using picture::place;
using picture::svg;
using picture::svg_line;
using picture::svg_text;

constexpr double kLeft = 44;
constexpr double kRight = 8;
constexpr double kTop = 12;
constexpr double kHeight = 130;

double seconds(base::Instant at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

/// A frame with time from left to right; what is drawn in it runs from 0 to `most`.
class Frame {
 public:
  Frame(double last, double most) : last_(std::max(last, 1e-9)), most_(std::max(most, 1e-9)) {}

  [[nodiscard]] double x(double at) const { return kLeft + (kSvgWidth - kLeft - kRight) * at / last_; }
  [[nodiscard]] double y(double value) const { return kTop + kHeight * (1 - value / most_); }
  [[nodiscard]] std::string axes(const std::string& top) const {
    std::string axes = svg_line(kLeft, kTop, kLeft, kTop + kHeight, "axis") +
                       svg_line(kLeft, kTop + kHeight, kSvgWidth - kRight, kTop + kHeight, "axis") +
                       svg_line(kLeft, kTop, kSvgWidth - kRight, kTop, "grid") +
                       svg_text(kLeft - 4, kTop + 4, top, "end", "small") +
                       svg_text(kLeft - 4, kTop + kHeight + 4, "0", "end", "small");
    for (int part = 0; part <= 4; ++part) {
      const double at = last_ * part / 4;
      axes += svg_text(x(at), kTop + kHeight + 15, place(at) + " s",
                       part == 0   ? "start"
                       : part == 4 ? "end"
                                   : "middle",
                       "small");
    }
    return axes;
  }

 private:
  double last_;
  double most_;
};

std::string calm_mark(const Frame& frame, base::Duration calm) {
  if (calm.count() == 0) return {};
  const double x = frame.x(std::chrono::duration<double>(calm).count());
  return svg_line(x, kTop, x, kTop + kHeight, "calm") + svg_text(x + 3, kTop + 10, "calm", "start", "small");
}

std::string share_of_flows(const Simulation& simulation) {
  const auto& intervals = simulation.ground().metrics.intervals();
  const Frame frame(seconds(intervals.back().end), 100);
  std::uint64_t started = 0;
  std::string points = place(frame.x(0)) + "," + place(frame.y(0));
  for (const Interval& interval : intervals) {
    started += interval.figures[static_cast<std::size_t>(Figure::kFlowsStarted)];
    const double share =
        started == 0 ? 0 : 100 * static_cast<double>(interval.with_tunnel) / static_cast<double>(started);
    points += " " + place(frame.x(seconds(interval.end))) + "," + place(frame.y(share));
  }
  return svg(kTop + kHeight + 22, "Share of the flows that have started and have a tunnel, over time",
             frame.axes("100 %") + calm_mark(frame, simulation.ground().options.calm) +
                 "<polyline class='curve' points='" + points + "'/>");
}

struct Curve {
  Figure figure;
  const char* text;
  const char* kind;
};
constexpr std::array kCurves = {
    Curve{Figure::kProbes, "probes", "curve"}, Curve{Figure::kResponses, "responses", "curve dashed"},
    Curve{Figure::kLost, "lost", "curve dotted"}, Curve{Figure::kTunnelsUp, "tunnels up", "curve thin"}};

std::string datagrams(const Simulation& simulation) {
  const auto& intervals = simulation.ground().metrics.intervals();
  std::uint64_t most = 1;
  for (const Interval& interval : intervals) {
    for (const Curve& curve : kCurves) most = std::max(most, interval.figures[static_cast<std::size_t>(curve.figure)]);
  }
  const Frame frame(seconds(intervals.back().end), static_cast<double>(most));
  std::string content = frame.axes(std::to_string(most)) + calm_mark(frame, simulation.ground().options.calm);
  double key = kLeft - 20;
  for (const Curve& curve : kCurves) {
    std::string points;
    for (const Interval& interval : intervals) {
      const auto value = static_cast<double>(interval.figures[static_cast<std::size_t>(curve.figure)]);
      points += place(frame.x(seconds(interval.end))) + "," + place(frame.y(value)) + " ";
    }
    const double y = kTop + kHeight + 32;
    content += "<polyline class='" + std::string(curve.kind) + "' points='" + points + "'/>";
    content += svg_line(key, y - 4, key + 18, y - 4, curve.kind) + svg_text(key + 22, y, curve.text, "start", "small");
    key += 40 + 5 * static_cast<double>(std::string_view(curve.text).size());
  }
  return svg(kTop + kHeight + 40, "Probes, responses, losses and tunnels for each interval of time", content);
}

}  // namespace

std::string draw_curves(const Simulation& simulation) {
  if (simulation.ground().metrics.intervals().empty()) return "<p>It ended before the first interval did.</p>";
  return "<h3>Flows that have a tunnel, of those that have started</h3>" + share_of_flows(simulation) +
         "<h3>In each of the intervals</h3>" + datagrams(simulation);
}

}  // namespace sim
