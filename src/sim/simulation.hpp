// One run: the network, the hosts, the trouble, and what must hold. The same options give the same run, to the byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/attackers.hpp"
#include "sim/ground.hpp"
#include "sim/hosts.hpp"
#include "sim/ike.hpp"
#include "sim/invariants.hpp"
#include "sim/ladder.hpp"
#include "sim/links.hpp"
#include "sim/look_ahead.hpp"
#include "sim/nodes.hpp"
#include "sim/options.hpp"
#include "sim/troubles.hpp"
#include "sim/tunnel_table.hpp"

namespace sim {

class Simulation final : private Actions {
 public:
  explicit Simulation(const Options& options);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// Runs to the end, or to the first violation.
  void run();

  /// What was violated; nothing when all held.
  [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }
  [[nodiscard]] const Ground& ground() const { return ground_; }
  [[nodiscard]] const Nodes& nodes() const { return nodes_; }
  [[nodiscard]] const TunnelTable& tunnels() const { return tunnels_; }
  [[nodiscard]] const Hosts& hosts() const { return hosts_; }
  [[nodiscard]] const Ladder& ladder() const { return ladder_; }
  [[nodiscard]] const Invariants& invariants() const { return invariants_; }
  /// Everything that was due, engines' events among it.
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  void transmit(GatewayIndex from, base::Bytes packet) override {
    invariants_.on_transmit(from, packet);
    links_.send(from, std::move(packet));
  }
  void bring_up(GatewayIndex from, engine::BringUp wanted) override { ike_.bring_up(from, std::move(wanted)); }
  void take_down(GatewayIndex from, engine::TunnelId id) override { ike_.take_down(from, id); }
  void step(const Due& due);
  void look_at_changes();
  void audit();
  void look_at_end();

  Ground ground_;
  Ladder ladder_;
  Nodes nodes_;
  TunnelTable tunnels_;
  Links links_;
  Ike ike_;
  Hosts hosts_;
  Attackers attackers_;
  Troubles troubles_;
  Invariants invariants_;
  LookAhead look_ahead_;
  std::optional<std::string> violation_;
  std::uint64_t events_ = 0;
  base::Instant next_audit_;  ///< of all there is
};

}  // namespace sim
