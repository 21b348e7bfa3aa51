#include <algorithm>
#include <string>
#include <vector>

#include "sim/svg.hpp"

namespace sim {

namespace {

constexpr double kLeft = 58;  ///< room for the times
constexpr double kTop = 34;
constexpr double kStep = 36;
constexpr std::size_t kLetters = 44;

/// The gateways in the order of the flow's way, the source's host in front.
std::vector<std::string> columns_of(const Simulation& simulation) {
  std::vector<std::string> columns = {"source"};
  const auto add = [&columns](const std::string& name) {
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  };
  const FlowState& flow = simulation.hosts().watched();
  for (const GatewayIndex gateway : simulation.ground().topology.path(flow.source, flow.destination)) {
    add(gateway_name(gateway));
  }
  for (const Rung& rung : simulation.ladder().rungs()) {
    add(rung.from);
    add(rung.to);
  }
  return columns;
}

std::string shortened(const std::string& text) {
  return text.size() <= kLetters ? text : text.substr(0, kLetters) + "…";
}

/// Milliseconds since the first rung.
std::string since(base::Instant at, base::Instant first) {
  return place(std::chrono::duration<double, std::milli>(at - first).count()) + " ms";
}

std::string draw_rung(const Rung& rung, double from, double to, double y, base::Instant first) {
  std::string drawn = svg_text(0, y + 4, since(rung.from_at, first), "start", "small");
  const double middle = (from + to) / 2;
  if (from == to) {
    drawn += "<circle cx='" + place(from) + "' cy='" + place(y) + "' r='4' class='core'/>";
    drawn += svg_text(from + (from > kSvgWidth / 2 ? -8 : 8), y + 4, shortened(rung.text),
                      from > kSvgWidth / 2 ? "end" : "start", "small");
    return drawn;
  }
  const double head = to > from ? -6 : 6;
  drawn += svg_line(from, y, rung.arrives ? to : middle, y + 8, rung.arrives ? "arrow" : "arrow lost");
  if (rung.arrives) {
    drawn += "<path class='head' d='M" + place(to) + " " + place(y + 8) + "l" + place(head) + " -4v7z'/>";
  } else {
    drawn += svg_text(middle, y + 12, "× lost", to > from ? "start" : "end", "small");
  }
  // Within the picture, whatever stands at its edges.
  const double half = 2.6 * static_cast<double>(std::min(rung.text.size(), kLetters));
  const double x = std::clamp(middle, kLeft + half, std::max(kLeft + half, kSvgWidth - half));
  return drawn + svg_text(x, y - 5, shortened(rung.text), "middle", "small");
}

}  // namespace

std::string draw_ladder(const Simulation& simulation) {
  const auto& rungs = simulation.ladder().rungs();
  if (rungs.empty()) return "<p>There was none to show: no flow is protected by both ends.</p>";
  const auto columns = columns_of(simulation);
  const double height = kTop + kStep * static_cast<double>(rungs.size()) + 12;
  const double apart = (kSvgWidth - kLeft - 36) / static_cast<double>(std::max<std::size_t>(1, columns.size() - 1));
  const auto x_of = [&](const std::string& name) {
    return kLeft + 14 + apart * static_cast<double>(std::ranges::find(columns, name) - columns.begin());
  };
  std::string content;
  for (const std::string& column : columns) {
    content += svg_line(x_of(column), 16, x_of(column), height, "life") + svg_text(x_of(column), 11, column, "middle");
  }
  double y = kTop;
  for (const Rung& rung : rungs) {
    content += draw_rung(rung, x_of(rung.from), x_of(rung.to), y, rungs.front().from_at);
    y += kStep;
  }
  return "<p>P is <code>" + escaped(simulation.ladder().flow()->text()) + "</code></p>" +
         svg(height, "One discovery, from the first packet to the tunnel", content);
}

}  // namespace sim
