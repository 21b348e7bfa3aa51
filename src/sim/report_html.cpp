#include "sim/report_html.hpp"

#include <string>

#include "sim/report_json.hpp"
#include "sim/svg.hpp"

namespace sim {

namespace {

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>tedsim</title><style>
:root{color-scheme:light dark;--ink:#1b1b1b;--faint:#767676;--line:#c8c8c8;--paper:#fff;--card:#f5f5f3;--mark:#0b5fa5}
@media(prefers-color-scheme:dark){:root{--ink:#ececec;--faint:#a2a2a2;--line:#4d4d4d;--paper:#141414;--card:#202020;--mark:#7cc0ff}}
body{margin:0 auto;max-width:46rem;padding:.8rem;font:16px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.35rem;margin:.3rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}h3{font-size:.95rem;margin:.9rem 0 .2rem;font-weight:600}
svg{display:block;width:100%;height:auto}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.5rem;margin:.6rem 0}
dl div{background:var(--card);border-radius:.4rem;padding:.4rem .6rem}dt{font-size:.8rem;color:var(--faint)}dd{margin:0;font-size:1.15rem}
pre{overflow-x:auto;background:var(--card);padding:.6rem;border-radius:.4rem;font-size:.8rem}
.verdict{border-left:.35rem solid var(--ink);padding:.2rem .7rem;background:var(--card)}.bad{border-left-style:double}
.key{font-size:.85rem;color:var(--faint)}code{overflow-wrap:anywhere}
text{font:11px system-ui,sans-serif;fill:var(--ink)}.small{font-size:9.5px}
.link,.life,.grid{stroke:var(--line);stroke-width:1}.unused{stroke-dasharray:2 3}.life{stroke-dasharray:4 3}
.axis{stroke:var(--faint);stroke-width:1}.calm{stroke:var(--faint);stroke-width:1;stroke-dasharray:1 2}
.tunnel{fill:none;stroke:var(--mark);stroke-width:1.8;opacity:.75}
.node{fill:var(--paper);stroke:var(--ink);stroke-width:1.8}.standby{stroke-dasharray:3 2}.hosts{fill:var(--ink)}
.core{fill:var(--paper);stroke:var(--ink);stroke-width:1.2}
.arrow{stroke:var(--ink);stroke-width:1.5}.lost{stroke-dasharray:3 3}.head{fill:var(--ink)}
.curve{fill:none;stroke:var(--mark);stroke-width:2}.dashed{stroke:var(--ink);stroke-dasharray:6 3}
.dotted{stroke:var(--ink);stroke-dasharray:1.5 3}.thin{stroke:var(--ink);stroke-width:1}
</style></head><body>
)";

std::string fact(const std::string& what, const std::string& value) {
  return "<div><dt>" + escaped(what) + "</dt><dd>" + escaped(value) + "</dd></div>";
}

std::string milliseconds(double value) {
  return value < 10'000 ? place(value) + " ms" : place(value / 1000) + " s";
}

std::string facts(const Simulation& simulation) {
  const Metrics& metrics = simulation.ground().metrics;
  const Options& options = simulation.ground().options;
  const Waits waits = waits_of(simulation.hosts());
  return "<dl>" + fact("Gateways", std::to_string(simulation.nodes().size())) +
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
  return std::string(kHead) + "<h1>tedsim, seed " + std::to_string(simulation.ground().options.seed) + "</h1>\n" +
         verdict(simulation) + facts(simulation) + "<h2>How flows came to their tunnels</h2>" +
         draw_curves(simulation) + "<h2>One discovery</h2>" + draw_ladder(simulation) + "<h2>Who stands where</h2>" +
         draw_topology(simulation) + "</body></html>\n";
}

}  // namespace sim
