#include <algorithm>
#include <string>
#include <vector>

#include "picture/html.hpp"
#include "picture/ladder.hpp"
#include "picture/svg.hpp"
#include "sim/svg.hpp"

namespace sim {

namespace {

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

/// Milliseconds since the first rung.
std::string since(base::Instant at, base::Instant first) {
  return picture::place(std::chrono::duration<double, std::milli>(at - first).count()) + " ms";
}

}  // namespace

std::string draw_ladder(const Simulation& simulation) {
  const auto& rungs = simulation.ladder().rungs();
  if (rungs.empty()) return "<p>There was none to show: no flow is protected by both ends.</p>";
  const auto columns = columns_of(simulation);
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin());
  };
  std::vector<picture::Step> steps;
  steps.reserve(rungs.size());
  for (const Rung& rung : rungs) {
    steps.push_back({.when = since(rung.from_at, rungs.front().from_at),
                     .from = column(rung.from),
                     .to = column(rung.to),
                     .caption = rung.text,
                     .kind = rung.arrives ? picture::Step::Kind::kSent : picture::Step::Kind::kLost});
  }
  return "<p>P is <code>" + picture::escaped(simulation.ladder().flow()->text()) + "</code></p>" +
         picture::draw_ladder("One discovery, from the first packet to the tunnel", columns, steps);
}

}  // namespace sim
