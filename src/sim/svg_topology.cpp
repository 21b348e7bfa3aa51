#include <cmath>
#include <numbers>
#include <vector>

#include "picture/svg.hpp"
#include "sim/svg.hpp"

namespace sim {

namespace {

using picture::kSvgWidth;
using picture::place;
using picture::svg;
using picture::svg_line;
using picture::svg_text;

constexpr std::uint32_t kMostSites = 24;
constexpr std::uint32_t kMostTunnels = 150;
constexpr double kCentre = kSvgWidth / 2;
constexpr double kInner = 110;   ///< how far from the centre a site's own gateway stands
constexpr double kBeside = 0.4;  ///< a standby stands so far to the side, as a part of the way to the next site
constexpr double kHosts = 150;

struct Point {
  double x;
  double y;
};

/// Places on circles around the core; `site` may be between two.
class Places {
 public:
  explicit Places(const Topology& topology) : sites_(std::min(topology.sites(), kMostSites)) {}

  [[nodiscard]] std::uint32_t sites() const { return sites_; }
  [[nodiscard]] Point at(double site, double distance) const {
    const double angle = 2 * std::numbers::pi * site / sites_ - std::numbers::pi / 2;
    return {kCentre + distance * std::cos(angle), kCentre + distance * std::sin(angle)};
  }
  [[nodiscard]] Point of(const Topology& topology, GatewayIndex gateway) const {
    const double site = topology.home(gateway);
    if (topology.role(gateway) == Role::kStandby) return at(site + kBeside, kInner);
    return at(site, topology.role(gateway) == Role::kTransit ? kInner * 0.7 : kInner);
  }

 private:
  std::uint32_t sites_;
};

std::string shape(Role role, Point at) {
  static constexpr double kSize = 7;
  if (role == Role::kTransit) {
    return "<path class='node' d='M" + place(at.x) + " " + place(at.y - kSize) + "l7 7l-7 7l-7 -7z'/>";
  }
  return "<circle cx='" + place(at.x) + "' cy='" + place(at.y) + "' r='" + place(kSize) + "' class='" +
         (role == Role::kStandby ? "node standby" : "node") + "'/>";
}

std::string tunnels(const Simulation& simulation, const Places& places) {
  const Topology& topology = simulation.ground().topology;
  std::string lines;
  std::uint32_t drawn = 0;
  for (std::uint32_t i = 0; i < simulation.tunnels().size() && drawn < kMostTunnels; ++i) {
    const Tunnel& tunnel = simulation.tunnels().at(i);
    const auto [from, to] = tunnel.gateways;
    if (!tunnel.stands() || topology.home(from) >= places.sites() || topology.home(to) >= places.sites()) continue;
    const Point a = places.of(topology, from);
    const Point b = places.of(topology, to);
    // Bent away from the core's own lines, towards the centre.
    lines += "<path class='tunnel' d='M" + place(a.x) + " " + place(a.y) + "Q" + place((a.x + b.x + kCentre) / 3) +
             " " + place((a.y + b.y + kCentre) / 3) + " " + place(b.x) + " " + place(b.y) + "'/>";
    ++drawn;
  }
  return lines;
}

}  // namespace

std::string draw_topology(const Simulation& simulation) {
  const Topology& topology = simulation.ground().topology;
  const Places places(topology);
  std::string links;
  std::string nodes;
  for (GatewayIndex gateway = 0; gateway < topology.gateways(); ++gateway) {
    if (topology.home(gateway) >= places.sites()) continue;
    const Point at = places.of(topology, gateway);
    const bool in_path = topology.serves(gateway, topology.home(gateway));
    links += svg_line(kCentre, kCentre, at.x, at.y, in_path ? "link" : "link unused");
    nodes += shape(topology.role(gateway), at);
    if (topology.role(gateway) != Role::kOwn) continue;
    const Point hosts = places.at(topology.home(gateway), kHosts);
    links += svg_line(at.x, at.y, hosts.x, hosts.y, "link");
    nodes +=
        "<rect class='hosts' x='" + place(hosts.x - 5) + "' y='" + place(hosts.y - 5) + "' width='10' height='10'/>";
    const Point label = places.at(topology.home(gateway), kHosts + 19);
    nodes += svg_text(label.x, label.y + 4, std::to_string(gateway), "middle");
  }
  const std::string core =
      "<circle cx='180' cy='180' r='15' class='core'/>" + svg_text(kCentre, kCentre + 4, "core", "middle", "small");
  const std::string note = places.sites() < topology.sites()
                               ? "<p>The first " + std::to_string(places.sites()) + " of " +
                                     std::to_string(topology.sites()) + " sites, and the tunnels between them.</p>"
                               : "";
  return svg(kSvgWidth, "Sites around the core, and the tunnels between their gateways",
             links + tunnels(simulation, places) + nodes + core) +
         note +
         "<p class='key'>● gateway · ◌ dashed: stands by · ◆ in the path · ■ hosts · thick line: tunnel · thin line: "
         "link, dotted when not in use. Numbers are gateways.</p>";
}

}  // namespace sim
