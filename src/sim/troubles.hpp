// Trouble, drawn from the seed before anything happens: the network falls apart, gateways end and start again,
// prefixes move, policies are replaced. At the appointed time all of it ends.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/ground.hpp"
#include "sim/ike.hpp"
#include "sim/nodes.hpp"
#include "sim/tunnel_table.hpp"

namespace sim {

class Troubles {
 public:
  Troubles(Ground& ground, Nodes& nodes, Ike& ike, const TunnelTable& tunnels);

  void on_trouble(std::uint32_t number);

 private:
  enum class Kind : std::uint8_t {
    kPartition,
    kHeal,
    kEndTedd,
    kEndCharon,
    kEndGateway,
    kStart,
    kMove,
    kReload,
    kCalm
  };
  struct Step {
    Kind kind{};
    std::uint32_t where = 0;
  };

  void add(base::Instant at, Kind kind, std::uint32_t where = 0);
  /// From some time on, for about so long, never past calm.
  void add_pair(Trouble trouble, Kind kind, Kind end, std::uint32_t where);
  void fall_apart();
  void heal();
  void start(GatewayIndex gateway);
  void end_gateway(GatewayIndex gateway);
  void reload(GatewayIndex gateway);
  void calm_down();

  Ground& ground_;
  Nodes& nodes_;
  Ike& ike_;
  const TunnelTable& tunnels_;
  std::vector<Step> troubles_;
};

}  // namespace sim
