// Whether standing tunnels still lead where they should: each is probed for again and again, with the flow that it was
// made for. Its other end says whether it still has it, and whoever answers in its place says that the route leads
// elsewhere now (docs/engine.md, "Tunnels that lead nowhere").
#pragma once

#include <optional>

#include "base/time.hpp"
#include "engine/check_queues.hpp"
#include "engine/context.hpp"
#include "engine/event.hpp"
#include "engine/path_check.hpp"
#include "engine/peers.hpp"
#include "engine/tunnels.hpp"
#include "wire/message.hpp"
#include "wire/packet.hpp"

namespace engine {

/// One check of a tunnel is a probe and the answers to it within kCheckWindow, or until the other end has answered that
/// it has the tunnel, which none that comes later outdoes. kCheckStrikes of them in a row have to
/// say that the tunnel is of no use before it is taken down; no answer says nothing, because a probe that is lost must
/// not cost a tunnel. It is made with a flow that no other tunnel with the same peer carries, or the answer could be
/// about that one; a tunnel that has no such flow is of no use, and goes when that is so for some turns.
class PathChecks {
 public:
  PathChecks(Context& context, Tunnels& tunnels, Peers& peers, CheckQueues& queues)
      : context_(context), tunnels_(tunnels), peers_(peers), queues_(queues) {}

  /// The tunnel stands, and is checked from now on until it is gone; nothing when it is checked, or was not taken in.
  void add(TunnelId id, base::Instant now);

  /// A probe of a tunnel's other end came, for a flow that it carries; `stands`: it says that it has a tunnel for it.
  /// Anybody can have sent it: when it says no, the tunnel is only checked sooner.
  void on_probe(Tunnel& tunnel, const base::Flow& flow, bool stands, base::Instant now);
  /// True when the response is for a check; it is dealt with then.
  [[nodiscard]] bool on_response(const wire::Response& response, const wire::UdpDatagram& datagram, base::Instant now);
  /// The world has changed: every tunnel is checked soon.
  void on_routes(base::Instant now);

  [[nodiscard]] std::optional<base::Instant> next_deadline() const;
  void on_deadline(base::Instant now);

 private:
  void on_turn(PathCheck& check, base::Instant now);
  void on_window(PathCheck& check, base::Instant now);
  /// `flow` is one of the tunnel's, of no other if there is such a one.
  void send(PathCheck& check, const base::Flow& flow, base::Instant now);
  [[nodiscard]] static bool is_doubtful(const PathCheck& check, base::Instant now);
  void give_up(const PathCheck& check);
  /// True when the tunnel is to be taken down because others carry all that it does; `has_own`: they do not.
  [[nodiscard]] static bool is_for_nothing(PathCheck& check, bool has_own);
  [[nodiscard]] Heard meaning(const PathCheck& check, const wire::Response& response, const Standing& standing) const;
  [[nodiscard]] base::Instant next_turn(base::Instant now) const;

  Context& context_;
  Tunnels& tunnels_;
  Peers& peers_;
  CheckQueues& queues_;
  base::Instant paced_until_{};
};

}  // namespace engine
