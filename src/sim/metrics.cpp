#include "sim/metrics.hpp"

namespace sim {

std::string_view name(Figure figure) {
  static constexpr std::array<std::string_view, kFigures> kNames = {
      "packets",    "encrypted",    "clear",          "dropped", "blackholed",   "probes",
      "responses",  "lost",         "duplicated",     "attacks", "negotiations", "refused",
      "tunnels_up", "tunnels_down", "tunnels_double", "rekeyed", "flows_started"};
  return kNames[static_cast<std::size_t>(figure)];
}

}  // namespace sim
