// Who means harm: hears what crosses the core and forges, replays and damages it, and floods gateways with probes that
// nobody sent.
#pragma once

#include "sim/ground.hpp"
#include "sim/links.hpp"

namespace sim {

class Attackers final : public Wiretap {
 public:
  Attackers(Ground& ground, Links& links) : ground_(ground), links_(links) {
    if (ground.options.flood > 0) ground_.after({}, Happens::kFlood);
  }

  void overhear(GatewayIndex from, const base::Bytes& packet) override;
  /// One false probe, and the next one's time.
  void on_flood();

 private:
  void forge(const base::Bytes& probe);
  void damage(GatewayIndex to, base::Bytes packet);
  void send(GatewayIndex to, base::Bytes packet, base::Duration after, Tale tale);
  [[nodiscard]] base::Address somebody();

  Ground& ground_;
  Links& links_;
};

}  // namespace sim
