// The part of Gateway that others measure it by.
#include <utility>

#include "daemon/answers.hpp"
#include "daemon/gateway.hpp"
#include "daemon/queue_counters.hpp"
#include "daemon/version.hpp"

namespace tedd {

Gateway::Outcome Gateway::open_metrics() {
  if (!config_.gateway.metrics) return {};
  auto metrics = Metrics::open(*config_.gateway.metrics);
  if (!metrics) return std::unexpected(std::move(metrics.error()));
  metrics_ = std::move(*metrics);
  scrapes_ = loop_.io(metrics_->fd(), [this](Loop::Readiness) { measure(); });
  return {};
}

// What somebody else did to the guard a moment ago is known first, as for `tedctl status`.
void Gateway::measure() {
  mend();
  metrics_->publish(tedd::measure(engine_, times_, counters(),
                                  {.version = kVersion,
                                   .started = wall_clock(started_),
                                   .loaded = wall_clock(loaded_),
                                   .reload_refused = reload_error_.has_value(),
                                   .charon_connected = ike_.is_connected(),
                                   .guard_in_force = guard_.in_force(),
                                   .guard_released = guard_.released(),
                                   .intercepts = guard_.intercepts(),
                                   .openings = guard_.openings().size(),
                                   .flowtables = guard_.flowtables().size()}));
  turn();
}

/// What the engine is about to be told; the tunnel that comes up with it, for note_tunnel().
std::optional<engine::TunnelId> Gateway::note(const engine::Event& event) {
  if (!metrics_) return std::nullopt;
  if (const auto* failed = std::get_if<engine::BringUpFailed>(&event)) times_.refused(failed->cookie);
  const auto* tunnel = std::get_if<engine::TunnelUp>(&event);
  return tunnel != nullptr ? std::optional(tunnel->id) : std::nullopt;
}

/// One that the engine did not take in, or has ended in the same call, came for nobody.
void Gateway::note_tunnel(std::optional<engine::TunnelId> id, base::Instant now) {
  const engine::Tunnel* tunnel = id ? engine_.tunnels().find(*id) : nullptr;
  if (tunnel != nullptr && !tunnel->is_ending) times_.up(tunnel->facts, now);
}

control::Counters Gateway::counters() {
  control::Counters list = counters_of(engine_);
  list.values.emplace_back("guard_restored", guard_.repairs());
  guard_.add_counters(list);
  QueueCounts queues{.reports = {},
                     .packets = {},
                     .clients_refused = control_.refused(),
                     .clients_unread = control_.dropped(),
                     .clients_unfinished = control_.unfinished(),
                     .chains_forgotten = authenticator_.chains_forgotten(),
                     .senders_forgotten = authenticator_.senders_forgotten(),
                     .certificates_forgotten = ike_.certificates_forgotten(),
                     .subjects_forgotten = diary_.forgotten(),
                     .flows_unreadable = unreadable_,
                     .discoveries_unmeasured = times_.unmeasured()};
  for (const auto& reading : readings_) queues.add(reading->reader.counters());
  for (const auto* sender : {&sender_, &releaser_}) {
    if (*sender) queues.add((*sender)->counters());
  }
  add_counters(queues, list);
  shield_.add_counters(list);
  return list;
}

}  // namespace tedd
