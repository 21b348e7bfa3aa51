// What hosts send, and what becomes of it at each gateway on the way: what the guard does, step by step.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/flow.hpp"
#include "sim/ground.hpp"
#include "sim/ladder.hpp"
#include "sim/nodes.hpp"
#include "sim/tunnel_table.hpp"

namespace sim {

/// One flow of one host: no more than is needed to send its next packet.
struct FlowState {
  Site source = 0;
  Site destination = 0;
  std::uint16_t source_host = 0;
  std::uint16_t destination_host = 0;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  base::Protocol protocol{};
  std::uint8_t refusals = 0;  ///< in a row
  bool started = false;
  bool tunnelled = false;    ///< its last packet went through a tunnel
  std::uint32_t waited = 0;  ///< from its first packet to its first in a tunnel, in 10 µs; 0: none went yet
  base::Instant first{};
};

/// What one gateway did with a packet.
struct Hop {
  GatewayIndex gateway = kNobody;
  bool from_tunnel = false;
  bool into_tunnel = false;
  bool opened = false;  ///< protected, and passed in the clear through an opening
};

/// What became of a packet.
struct Fared {
  enum class How : std::uint8_t { kEncrypted, kClear, kDropped, kBlackholed };
  How how = How::kDropped;
  bool tunnelled = false;  ///< it came out of a tunnel at least once
};

class Hosts {
 public:
  Hosts(Ground& ground, Nodes& nodes, TunnelTable& tunnels, Ladder& ladder);
  /// Is told of each hop of each packet that goes on from there.
  void on_hop(std::function<void(const base::Flow&, const Hop&)> look) { look_ = std::move(look); }

  [[nodiscard]] const std::vector<FlowState>& flows() const { return flows_; }
  [[nodiscard]] base::Flow flow(const FlowState& state) const;
  /// The flow whose discovery the ladder shows.
  [[nodiscard]] const FlowState& watched() const { return watched_; }
  /// Flows whose last packet went through a tunnel.
  [[nodiscard]] std::uint64_t with_tunnel() const { return with_tunnel_; }

  /// The next packet of that flow, and the answer to it.
  void on_packet(std::uint32_t flow);

 private:
  void add_flow(std::uint32_t number);
  [[nodiscard]] Site any_peer(Site source);
  void watch_one();
  [[nodiscard]] Fared send(const base::Flow& flow, Site source, Site destination);
  /// Into the tunnel and out of it; kNobody when that fails.
  [[nodiscard]] GatewayIndex through(GatewayIndex from, const TunnelEnd& tunnel) const;
  void count(Fared fared);

  Ground& ground_;
  Nodes& nodes_;
  TunnelTable& tunnels_;
  Ladder& ladder_;
  std::vector<Site> distances_;  ///< from each site to those that it talks to; none: to those of any_peer()
  std::function<void(const base::Flow&, const Hop&)> look_;
  std::vector<FlowState> flows_;
  FlowState watched_;
  std::uint64_t with_tunnel_ = 0;
};

}  // namespace sim
