#include "sim/simulation.hpp"

#include <algorithm>

namespace sim {

namespace {

using namespace std::chrono_literals;

/// Points in a curve of the report.
constexpr int kIntervals = 60;
/// All that there is, is looked at so many times in a world of any size, beside what each event may have changed.
constexpr int kAudits = 6;
/// In a small world what only time changes is looked at each second, in a large one as often as all.
constexpr std::uint32_t kSmall = 100;

base::Duration between_audits(const Options& options) {
  return options.duration() / kAudits;
}
base::Duration between_looks(const Options& options) {
  return options.gateways <= kSmall ? base::Duration(1s) : between_audits(options);
}

}  // namespace

Simulation::Simulation(const Options& options)
    : ground_(options),
      nodes_(ground_, *this),
      tunnels_(ground_.topology),
      links_(ground_, nodes_, ladder_),
      ike_(ground_, nodes_, links_, tunnels_, ladder_),
      hosts_(ground_, nodes_, tunnels_, ladder_),
      attackers_(ground_, links_),
      troubles_(ground_, nodes_, ike_, tunnels_),
      invariants_(ground_, nodes_, tunnels_, hosts_),
      look_ahead_(ground_, nodes_, tunnels_, links_, ike_, hosts_),
      next_audit_(base::Instant{} + between_audits(options)) {
  links_.tap(attackers_);
  hosts_.on_hop([this](const base::Flow& flow, const Hop& hop) { invariants_.on_hop(flow, hop); });
  ground_.after(between_looks(options), Happens::kAudit);
  ground_.after(options.duration() / kIntervals, Happens::kInterval);
}

void Simulation::run() {
  const base::Instant end = base::Instant{} + ground_.options.duration();
  try {
    while (!ground_.queue.empty() && ground_.queue.next().at <= end) {
      look_ahead_.go_on();
      const Due due = ground_.queue.pop();
      ground_.now = due.at;
      ++events_;
      step(due);
      look_at_changes();
    }
    look_at_end();
  } catch (const Violation& violation) {
    violation_ = violation.what();
    ground_.metrics.end_interval(ground_.now, hosts_.with_tunnel());
  }
}

void Simulation::step(const Due& due) {
  switch (due.what) {
    case Happens::kPacket: return hosts_.on_packet(due.a);
    case Happens::kArrival: return links_.on_arrival(due.a, due.b);
    case Happens::kTimer: return nodes_.on_timer(due.a);
    case Happens::kIke: return ike_.on_step(due.a, due.b);
    case Happens::kDelete: return ike_.on_delete(due.a, due.b);
    case Happens::kDeadPeer: return ike_.on_dead_peer(due.a, due.b);
    case Happens::kRekey: return ike_.on_rekey(due.a, due.b);
    case Happens::kTrouble:
      troubles_.on_trouble(due.a);
      return ground_.options.gateways <= kSmall ? invariants_.audit_tunnels() : void();
    case Happens::kFlood: return attackers_.on_flood();
    case Happens::kAudit: return audit();
    case Happens::kInterval:
      ground_.after(ground_.options.duration() / kIntervals, Happens::kInterval);
      return ground_.metrics.end_interval(ground_.now, hosts_.with_tunnel());
  }
}

void Simulation::look_at_changes() {
  for (const GatewayIndex gateway : nodes_.told()) invariants_.on_told(gateway);
  nodes_.forget_told();
  if (!ike_.has_changed()) return;
  for (const TunnelEnd& which : ike_.changed()) invariants_.on_changed(which);
}

void Simulation::audit() {
  ground_.after(between_looks(ground_.options), Happens::kAudit);
  if (ground_.now < next_audit_) return invariants_.audit_halves();
  next_audit_ += between_audits(ground_.options);
  invariants_.audit();
}

void Simulation::look_at_end() {
  invariants_.audit();
  invariants_.audit_tunnels();
  for (std::uint32_t flow = 0; flow < hosts_.flows().size(); ++flow) {
    look_ahead_.go_on(flow);
    invariants_.check_flow(hosts_.flows()[flow]);
  }
}

}  // namespace sim
