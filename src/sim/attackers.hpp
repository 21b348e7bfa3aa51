// Who means harm: hears what crosses the core and forges, replays and damages it, and floods gateways with probes that
// nobody sent.
#pragma once

#include <optional>

#include "sim/authenticator.hpp"
#include "sim/ground.hpp"
#include "sim/links.hpp"

namespace sim {

class Attackers final : public Wiretap {
 public:
  Attackers(Ground& ground, Links& links);

  void overhear(GatewayIndex from, const base::Bytes& packet) override;
  /// One false probe, and the next one's time.
  void on_flood();

 private:
  void forge(const base::Bytes& probe);
  void damage(GatewayIndex from, base::Bytes packet);
  void replay(GatewayIndex from, const base::Bytes& packet);
  /// Now and then with a proof, as good as they can make one.
  [[nodiscard]] base::Bytes sealed(base::Bytes datagram);
  [[nodiscard]] GatewayIndex receiver(GatewayIndex from, const base::Bytes& packet) const;
  void send(GatewayIndex to, base::Bytes packet, base::Duration after, Tale tale);
  [[nodiscard]] base::Address somebody();

  Ground& ground_;
  Links& links_;
  std::optional<SeededAuthenticator> own_;  ///< under a key that no gateway has
};

}  // namespace sim
