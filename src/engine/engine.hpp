// The protocol engine: a pure machine that is told events and says what to do. It owns every decision of the protocol
// and touches nothing outside: no clock, socket, thread, log or global (docs/architecture.md).
//
//   engine.handle(event, now);                      // something happened
//   while (auto action = engine.next_action()) …    // carry it out, in order
//   wait until engine.next_deadline(), then engine.on_deadline(now), then the actions again
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/time.hpp"
#include "engine/action.hpp"
#include "engine/context.hpp"
#include "engine/event.hpp"
#include "engine/initiator.hpp"
#include "engine/path_checks.hpp"
#include "engine/peers.hpp"
#include "engine/responder.hpp"
#include "engine/secrets.hpp"
#include "engine/tunnels.hpp"

namespace engine {

/// One gateway's engine. Not copied, not moved, used by one thread. `now` never goes back by more than harmless: an
/// earlier `now` delays timers and does nothing else.
class Engine {
 public:
  /// `policy` is not null; what `ports` refers to outlives the engine.
  Engine(Settings settings, std::shared_ptr<const policy::Snapshot> policy, Ports ports);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Takes in one event. Hostile or untimely content is counted and changes nothing. Fetch all actions before the next
  /// call.
  void handle(Event event, base::Instant now);
  /// handle() of DatagramCaught, of a packet that need not be kept: it is copied where it travels on alone.
  void hear(base::ByteView packet, base::Instant now);
  /// The next thing to do; nothing when all is done.
  [[nodiscard]] std::optional<Action> next_action();
  /// The same without moving it: to be taken from, and gone with the next call of any of these. Null when all is done.
  [[nodiscard]] Action* next_action_in_place();
  /// The last action was this packet, and this machine did not take it: an answer that it was is not counted as one.
  void note_unsent(const Transmit& packet);
  /// When on_deadline is due; nothing while no timer runs.
  [[nodiscard]] std::optional<base::Instant> next_deadline() const;
  /// Runs the timers that are due at `now`, so many that it takes no longer than a caller can wait: what is left is
  /// due at once, as next_deadline() says. Harmless when none is.
  void on_deadline(base::Instant now);

  // For whoever has many engines and knows what comes next: an engine that was not used lately waits for memory at
  // every step, and here all of it is asked for at once (base/fetch.hpp). Nothing is changed. Each reads what the one
  // before it has asked for, so some time passes between the two.
  /// What every event reads.
  void fetch() const;
  /// What the next deadline reads.
  void fetch_for_deadline() const { check_queues_.fetch_next(); }
  /// How a datagram with that initiator cookie finds the probe that it answers, and what that is about.
  void fetch_for_cookie(const wire::Cookie& cookie) const { check_queues_.fetch(cookie); }
  void fetch_for_answer(const wire::Cookie& cookie) const;

  // Views for status; valid until the next call that is not const.
  [[nodiscard]] const Settings& settings() const { return context_.settings; }
  [[nodiscard]] const policy::Snapshot& policy() const { return *context_.policy; }
  [[nodiscard]] const Counters& counters() const { return context_.counters; }
  [[nodiscard]] const Discoveries& discoveries() const { return initiator_.discoveries(); }
  [[nodiscard]] const Refusals& refusals() const { return initiator_.refusals(); }
  [[nodiscard]] const SilentPrefixes& silent() const { return initiator_.silent(); }
  [[nodiscard]] const Tunnels& tunnels() const { return tunnels_; }
  [[nodiscard]] const Observations& observations() const { return initiator_.observations(); }
  [[nodiscard]] const Peers& peers() const { return peers_; }
  [[nodiscard]] const Unanswered& unanswered() const { return responder_.unanswered(); }
  [[nodiscard]] const Asked& asked() const { return asked_; }

 private:
  void on(FlowCaught& event, base::Instant now) { initiator_.on_caught(std::move(event), now); }
  void on(DatagramCaught& event, base::Instant now) { hear(event.packet, now); }
  void on(TunnelUp& event, base::Instant now);
  void on(TunnelDown& event, base::Instant now);
  void on(TunnelRekeyed& event, base::Instant now);
  void on(TunnelAuthorised& event, base::Instant now);
  void on(DataPlaneFound& event, base::Instant now);
  void on(MachineAddresses& event, base::Instant now);
  void on(BringUpFailed& event, base::Instant now) { initiator_.on_bring_up_failed(event.cookie, event.reason, now); }
  void on(PolicyReplaced& event, base::Instant now);
  void on(RoutesChanged& event, base::Instant now);
  void on(TraceRequested& event, base::Instant now) { initiator_.on_trace(event.id, event.flow, now); }
  void on(PeerForgotten& event, base::Instant now);

  void act_on_routes(base::Instant now);

  Context context_;
  Asked asked_{secret_of(context_.ports, Secret::kAsked)};
  CheckQueues check_queues_;
  Tunnels tunnels_{context_, asked_, check_queues_};
  Peers peers_{secret_of(context_.ports, Secret::kPeers), context_.counters};
  PathChecks checks_{context_, tunnels_, peers_, check_queues_};
  Initiator initiator_{context_, tunnels_, peers_, asked_};
  Responder responder_{context_, asked_, tunnels_, checks_, initiator_.discoveries(), peers_};
  base::Instant routes_rest_until_{};
  bool routes_changed_ = false;  ///< and not acted on yet
};

}  // namespace engine
