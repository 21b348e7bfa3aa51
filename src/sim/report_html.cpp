#include "sim/report_html.hpp"

#include <string>

#include "picture/html.hpp"
#include "picture/svg.hpp"
#include "sim/report_json.hpp"
#include "sim/svg.hpp"

namespace sim {

namespace {

using picture::escaped;
using picture::fact;
using picture::place;

std::string milliseconds(double value) {
  return value < 10'000 ? place(value) + " ms" : place(value / 1000) + " s";
}

std::string facts(const Simulation& simulation) {
  const Metrics& metrics = simulation.ground().metrics;
  const Options& options = simulation.ground().options;
  const Waits waits = waits_of(simulation.hosts());
  return "<dl class='facts'>" + fact("Gateways", std::to_string(simulation.nodes().size())) +
         fact("Hosts", std::to_string(options.hosts)) +
         fact("Flows started", std::to_string(metrics.total(Figure::kFlowsStarted))) +
         fact("Flows with a tunnel", std::to_string(simulation.hosts().with_tunnel())) +
         fact("Nobody answers for", std::to_string(simulation.invariants().unanswered())) +
         fact("Stranded by a move", std::to_string(simulation.invariants().stranded())) +
         fact("Tunnels that stand", std::to_string(simulation.tunnels().standing())) +
         fact("Tunnels that came up", std::to_string(metrics.total(Figure::kTunnelsUp))) +
         fact("Doubles among them", std::to_string(metrics.total(Figure::kTunnelsDouble))) +
         fact("Datagrams lost", std::to_string(metrics.total(Figure::kLost))) +
         fact("Wait, 95 %", milliseconds(waits.p95_ms)) + fact("Longest wait", milliseconds(waits.longest_ms)) +
         "</dl>\n";
}

std::string verdict(const Simulation& simulation) {
  if (!simulation.violation()) return "<p class='verdict'>✓ Everything that must hold held, to the end.</p>\n";
  std::string story;
  for (const Happening& happening : simulation.ground().story.told()) story += escaped(text(happening)) + "\n";
  return "<p class='verdict bad'>✗ Violated at " + text(simulation.ground().now) + ": " +
         escaped(*simulation.violation()) + "</p>\n<details><summary>What happened before</summary><pre>" + story +
         "</pre></details>\n";
}

}  // namespace

std::string report_html(const Simulation& simulation) {
  const std::string title = "tedsim, seed " + std::to_string(simulation.ground().options.seed);
  return picture::page(title, "<h1>" + escaped(title) + "</h1>\n" + verdict(simulation) + facts(simulation) +
                                  "<h2>How flows came to their tunnels</h2>" + draw_curves(simulation) +
                                  "<h2>One discovery</h2>" + draw_ladder(simulation) + "<h2>Who stands where</h2>" +
                                  draw_topology(simulation));
}

}  // namespace sim
