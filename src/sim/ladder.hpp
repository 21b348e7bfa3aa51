// One discovery, step by step, for a picture: from a flow's first packet to the first that its tunnel carries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/flow.hpp"
#include "base/time.hpp"
#include "sim/topology.hpp"
#include "wire/message.hpp"

namespace sim {

struct Rung {
  base::Instant from_at;
  base::Instant to_at;
  std::string from;  ///< `source`, `destination` or a gateway
  std::string to;
  std::string text;
  bool arrives = true;
};

class Ladder {
 public:
  static constexpr std::size_t kMostRungs = 40;

  /// The flow to look at, told before anything happens.
  void watch(const base::Flow& flow) { flow_ = flow; }
  [[nodiscard]] const std::optional<base::Flow>& flow() const { return flow_; }
  [[nodiscard]] bool is_watched(const base::Flow& flow) const { return !done_ && flow_ == flow; }
  [[nodiscard]] bool is_watched(const wire::Cookie& cookie) const { return !done_ && cookie_ == cookie; }
  [[nodiscard]] bool done() const { return done_; }

  void add(Rung rung);
  /// A datagram of discovery that left a gateway; a rung when it belongs to the flow's discovery.
  void on_datagram(const base::Bytes& packet, Rung rung);
  /// A packet of the flow went into a tunnel: the story ends.
  void finish() { done_ = true; }

  [[nodiscard]] const std::vector<Rung>& rungs() const { return rungs_; }

 private:
  std::optional<base::Flow> flow_;
  std::optional<wire::Cookie> cookie_;
  std::vector<Rung> rungs_;
  bool done_ = false;
};

/// `gw-7`
[[nodiscard]] inline std::string gateway_name(GatewayIndex gateway) {
  return "gw-" + std::to_string(gateway);
}

}  // namespace sim
