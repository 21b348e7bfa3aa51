// A model of IKE between the gateways' charons: it takes round trips, is sent again when the link loses it, can be
// refused, and tells both ends what stands. It knows nothing of policies: what an end does not want its engine ends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fetch.hpp"
#include "sim/ground.hpp"
#include "sim/ladder.hpp"
#include "sim/links.hpp"
#include "sim/nodes.hpp"
#include "sim/tunnel_table.hpp"

namespace sim {

class Ike {
 public:
  Ike(Ground& ground, Nodes& nodes, Links& links, TunnelTable& tunnels, Ladder& ladder)
      : ground_(ground), nodes_(nodes), links_(links), tunnels_(tunnels), ladder_(ladder) {}

  void bring_up(GatewayIndex from, engine::BringUp wanted);
  void take_down(GatewayIndex from, engine::TunnelId id);

  void on_step(std::uint32_t negotiation, std::uint32_t generation);
  /// The other end hears that the tunnel was ended.
  void on_delete(std::uint32_t tunnel, std::uint32_t generation);
  /// Each end that has lost its other one notices.
  void on_dead_peer(std::uint32_t tunnel, std::uint32_t generation);
  void on_rekey(std::uint32_t tunnel, std::uint32_t generation);

  /// charon ends, and with it every tunnel at that gateway; the other ends notice later.
  void end_charon(GatewayIndex gateway);
  /// The network fell apart: tunnels across the gap notice, unless it is mended sooner.
  void on_partition();

  /// The gateway that acts in the next step of that negotiation; may be kNobody.
  [[nodiscard]] GatewayIndex acts(std::uint32_t negotiation) const;
  /// Asks for the memory that acts() reads.
  void fetch(std::uint32_t negotiation) const { base::fetch(negotiations_[negotiation]); }

  /// Ends of tunnels that came up, went or were rekeyed since the last call.
  [[nodiscard]] std::vector<TunnelEnd> changed() { return std::exchange(changed_, {}); }
  [[nodiscard]] bool has_changed() const { return !changed_.empty(); }

 private:
  enum class Step : std::uint8_t { kInit, kAuth, kAtResponder, kRefused, kAtInitiator };

  struct Negotiation {
    std::uint32_t generation = 0;
    GatewayIndex from = kNobody;
    GatewayIndex peer = kNobody;
    engine::BringUp wanted;
    Step step{};
    unsigned tries = 0;
    std::uint32_t charons = 0;
    std::uint32_t tunnel = kNobody;
  };

  [[nodiscard]] bool reaches(const Negotiation& negotiation) const;
  [[nodiscard]] bool lost() { return !ground_.calm && ground_.chance(ground_.options.loss); }
  void go_on(std::uint32_t negotiation, Step step, base::Duration after);
  void send_again(std::uint32_t negotiation);
  void on_request(std::uint32_t negotiation);
  void on_at_responder(std::uint32_t negotiation);
  void on_at_initiator(std::uint32_t negotiation);
  void fail(std::uint32_t negotiation, Tale tale, const std::string& reason);
  void end(std::uint32_t negotiation);
  void raise(TunnelEnd which);
  void lower(TunnelEnd which);
  void watch_for_dead_peer(std::uint32_t tunnel);
  [[nodiscard]] bool is_double(const Tunnel& tunnel) const;

  Ground& ground_;
  Nodes& nodes_;
  Links& links_;
  TunnelTable& tunnels_;
  Ladder& ladder_;
  std::vector<Negotiation> negotiations_;
  std::vector<std::uint32_t> free_;
  std::vector<TunnelEnd> changed_;
};

}  // namespace sim
