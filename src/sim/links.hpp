// The links between gateways: datagrams of discovery take time, are lost, doubled and overtaken.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "sim/ground.hpp"
#include "sim/ladder.hpp"
#include "sim/nodes.hpp"
#include "wire/message.hpp"

namespace sim {

/// Hears what crosses, and may add to it.
class Wiretap {
 public:
  virtual ~Wiretap() = default;
  virtual void overhear(GatewayIndex from, const base::Bytes& packet) = 0;
};

class Links {
 public:
  Links(Ground& ground, Nodes& nodes, Ladder& ladder) : ground_(ground), nodes_(nodes), ladder_(ladder) {}
  void tap(Wiretap& wiretap) { wiretap_ = &wiretap; }

  /// One way from that gateway to the other now, jitter left out.
  [[nodiscard]] base::Duration delay(GatewayIndex from, GatewayIndex to) const;

  /// A gateway puts a datagram on its link: to a gateway's address, or along the path of a host's packet.
  void send(GatewayIndex from, base::Bytes packet);
  /// The datagram comes to that gateway after that time, whatever happens.
  void deliver(GatewayIndex to, base::Bytes packet, base::Duration after);
  /// Datagram `place` arrives.
  void on_arrival(GatewayIndex gateway, std::uint32_t place);
  /// Datagram `place`, which is on its way.
  [[nodiscard]] const base::Bytes& flying(std::uint32_t place) const { return flying_[place]; }

 private:
  void cross(GatewayIndex from, GatewayIndex to, base::Bytes packet);

  Ground& ground_;
  Nodes& nodes_;
  Ladder& ladder_;
  Wiretap* wiretap_ = nullptr;
  std::vector<base::Bytes> flying_;
  std::vector<std::uint32_t> free_;
};

/// True for a probe, false for a response: what the exchange type of the datagram says, whatever else it holds.
[[nodiscard]] bool is_probe(base::ByteView packet);
/// Its initiator cookie; nothing when it is a probe, or too short.
[[nodiscard]] std::optional<wire::Cookie> cookie_in(base::ByteView packet);

}  // namespace sim
