// A large world is much larger than the caches, and nearly every event is about another gateway than the one before:
// each would wait for memory some twenty times, one load after the other. The next events are known, so what they will
// read is read before, of many at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/ground.hpp"
#include "sim/hosts.hpp"
#include "sim/ike.hpp"
#include "sim/links.hpp"
#include "sim/nodes.hpp"
#include "sim/tunnel_table.hpp"

namespace sim {

/// Changes nothing: what happens, and in which order, is the same without it.
class LookAhead {
 public:
  LookAhead(const Ground& ground, const Nodes& nodes, const TunnelTable& tunnels, const Links& links, const Ike& ike,
            const Hosts& hosts)
      : ground_(ground), nodes_(nodes), tunnels_(tunnels), links_(links), ike_(ike), hosts_(hosts) {}

  /// To be called before each event.
  void go_on();
  /// To be called before that flow's end is looked at, each in its turn: the flows behind it come next.
  void go_on(std::uint32_t flow) const;

 private:
  /// Each follows the pointers that the one before has asked for: what it reads itself has come by then.
  enum class Step : std::uint8_t { kEvent, kGateway, kTables, kEntries, kBehind };
  static constexpr std::size_t kSteps = 5;
  /// So many events make a step together: their loads do not wait for each other. That is some 10 us of work, the time
  /// in which memory comes.
  static constexpr std::size_t kBatch = 8;

  void take(std::span<const Due> upcoming, std::size_t batch, Step step) const;
  void take(const Due& due, Step step) const;
  void on_packet(std::uint32_t flow, Step step) const;
  /// What is looked up at one end of the flow, whose other end is that host.
  void on_end(GatewayIndex gateway, Site far, std::uint32_t far_host, Step step) const;
  void on_arrival(GatewayIndex gateway, std::uint32_t place, Step step) const;
  void on_timer(GatewayIndex gateway, Step step) const;
  void on_gateway(GatewayIndex gateway, Step step) const;

  const Ground& ground_;
  const Nodes& nodes_;
  const TunnelTable& tunnels_;
  const Links& links_;
  const Ike& ike_;
  const Hosts& hosts_;
  const Due* end_ = nullptr;  ///< of the events that are being looked at
  std::size_t left_ = 0;      ///< of them, when the latest batch began
};

}  // namespace sim
