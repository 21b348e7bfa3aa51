// What must hold, whatever happens. A violation is thrown; it names what was seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/flow.hpp"
#include "sim/ground.hpp"
#include "sim/hosts.hpp"
#include "sim/nodes.hpp"
#include "sim/tunnel_table.hpp"

namespace sim {

class Invariants {
 public:
  Invariants(Ground& ground, const Nodes& nodes, const TunnelTable& tunnels, const Hosts& hosts)
      : ground_(ground), nodes_(nodes), tunnels_(tunnels), hosts_(hosts), random_(ground.options.seed) {}

  /// A packet goes on from a gateway: what the policy there protects goes in a tunnel, unless a rule opens the way, and
  /// what it exempts goes in none.
  void on_hop(const base::Flow& flow, const Hop& hop) const;
  /// An end of a tunnel came up, went or was rekeyed, and every engine has had its say.
  void on_changed(const TunnelEnd& which) const;
  /// That gateway's engine has had something to do: its tables are within their bounds, its machines made legal moves,
  /// and what it answered or believed had proved itself.
  void on_told(GatewayIndex gateway) const;
  /// A gateway sends a datagram: no answer goes to whom proofs do not tell from a stranger.
  void on_transmit(GatewayIndex from, const base::Bytes& packet) const;
  /// What on_told() and on_changed() ask, of every gateway and every tunnel.
  void audit() const;
  /// No tunnel stands at one end alone for too long.
  void audit_halves() const;
  /// Every tunnel is sound at both ends: asked when policies may have changed, and at the end.
  void audit_tunnels();
  /// A flow that has an answering gateway has its tunnel: asked for each at the end.
  void check_flow(const FlowState& state);

  /// Flows that a route move left in a tunnel to a gateway that is no longer in front of their destination, at the end.
  [[nodiscard]] std::uint64_t stranded() const { return stranded_; }
  /// Flows that a policy protects and for which nobody answers, or not to any use, at the end.
  [[nodiscard]] std::uint64_t unanswered() const { return unanswered_; }

 private:
  /// Who asks for the flow, and who answers.
  struct Pair {
    GatewayIndex asks = kNobody;
    GatewayIndex answers = kNobody;
  };

  void check_proofs(GatewayIndex gateway) const;
  void check_mirror(GatewayIndex gateway) const;
  void check_number(GatewayIndex gateway) const;
  void check_alike(GatewayIndex gateway, const engine::Tunnel& known) const;
  void check_end(const TunnelEnd& which) const;
  void check_samples(const TunnelEnd& which);
  void check_half(std::uint32_t tunnel) const;
  /// True when path checks of a tunnel that stands at that end alone show it.
  [[nodiscard]] bool is_shown(const TunnelEnd& which) const;
  /// The first gateway behind `from` that answers a probe for the flow.
  [[nodiscard]] GatewayIndex answerer(GatewayIndex from, const base::Flow& flow, Site source, Site destination) const;
  /// What the engine remembers about the flow, for people.
  [[nodiscard]] std::string known(GatewayIndex gateway, const base::Flow& flow) const;
  [[nodiscard]] std::optional<Pair> expected(const FlowState& state) const;
  [[nodiscard]] base::Flow sample(const base::Selector& selector);

  Ground& ground_;
  const Nodes& nodes_;
  const TunnelTable& tunnels_;
  const Hosts& hosts_;
  SeededRandom random_;  ///< its own, so that looking changes nothing
  std::uint64_t stranded_ = 0;
  std::uint64_t unanswered_ = 0;
};

}  // namespace sim
