// The tunnels that stand, whoever asked for them: charon is the truth, this is its mirror.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/asked.hpp"
#include "engine/carriers.hpp"
#include "engine/check_queues.hpp"
#include "engine/context.hpp"
#include "engine/event.hpp"
#include "engine/form.hpp"
#include "engine/peer_rings.hpp"
#include "engine/secrets.hpp"
#include "engine/tunnel.hpp"

namespace engine {

class Tunnels {
 public:
  Tunnels(Context& context, const Asked& asked, CheckQueues& checks)
      : context_(context), asked_(asked), checks_(checks), carriers_(secret_of(context.ports, Secret::kCarriers)) {}

  [[nodiscard]] const std::map<TunnelId, Tunnel>& all() const { return by_id_; }
  /// Null when there is none.
  [[nodiscard]] const Tunnel* find(TunnelId id) const;
  [[nodiscard]] Tunnel* find(TunnelId id);

  /// `visit(Tunnel&)` for each.
  template <class Visit>
  void for_each(Visit visit) {
    for (auto& [id, tunnel] : by_id_) visit(tunnel);
  }

  /// A standing tunnel that carries the flow; null when there is none.
  [[nodiscard]] const Tunnel* carrier(const base::Flow& flow) const;
  [[nodiscard]] bool cover(const base::Flow& flow) const { return carrier(flow) != nullptr; }
  /// The standing tunnel with that peer that carries the flow, and that we asked for, or it did, when that matters;
  /// null when there is none.
  [[nodiscard]] const Tunnel* with(const base::Address& peer, const base::Flow& flow,
                                   std::optional<Asker> asker = {}) const;
  [[nodiscard]] Tunnel* with(const base::Address& peer, const base::Flow& flow, std::optional<Asker> asker = {});
  /// Ask for the memory that with() reads, the second for what the first has led to (base/fetch.hpp).
  void fetch_with(const base::Address& peer) const { with_peer_.fetch(peer); }
  void fetch_oldest_with(const base::Address& peer) const { with_peer_.fetch_oldest(peer); }
  /// A flow that it carries and no other tunnel with its peer does, those left out that are to be taken down: the one
  /// that it was made for, if that is such a one. Nothing when others carry all that it does.
  [[nodiscard]] std::optional<base::Flow> own_flow(const Tunnel& tunnel) const;
  /// The tunnel was made for a packet of that flow, or so somebody says. Kept when the tunnel carries it.
  void made_for(TunnelId id, const base::Flow& flow);
  static void made_for(Tunnel& tunnel, const base::Flow& flow);
  /// The tunnel came of a discovery in that form.
  void came_of(TunnelId id, Form form);
  /// The guard caught a flow: true when a standing tunnel should have carried it. One that goes on not to carry what it
  /// covers is taken down, so that the flow is discovered anew: charon lists it, and its data plane has lost it.
  bool on_caught(const base::Flow& flow, base::Instant now);

  /// Takes the tunnel in, or has it taken down: when policy does not protect all that it carries (charon knows only
  /// covering prefixes, never the earlier lines), when userspace ESP would carry nothing by it (engine/userspace.hpp),
  /// when its peer may not speak for all of the far side, or when there is no room. Nothing when it was taken in or was
  /// known, else why not, for people.
  ///
  /// An older tunnel with the same peer that it makes useless is taken down: the peer would not have made this one if
  /// it still had that. It has lost it, with its charon.
  [[nodiscard]] base::Result<void, std::string> on_up(const TunnelUp& up, base::Instant now);
  void on_down(TunnelId id);
  /// The tunnel `before`, which is known, goes on as another CHILD_SA; it is judged again when that has other
  /// selectors.
  void on_rekeyed(TunnelId before, TunnelUp up, base::Instant now);

  /// Has the tunnel taken down when its peer may no longer speak for all of the far side.
  void on_authorised(TunnelId id, Authorisation authorisation);

  /// Has the tunnel taken down, if there is one; `dead`: its peer no longer has it.
  void end(TunnelId id, bool dead = false);
  /// Has every tunnel to the peer taken down.
  void take_down(const base::Address& peer);
  /// Every tunnel must be sound under the new policy too.
  void on_policy();

 private:
  [[nodiscard]] std::optional<policy::RuleIndex> rule_of(const TunnelUp& up) const;
  /// The one of that number, or the first behind it.
  [[nodiscard]] std::map<TunnelId, Tunnel>::iterator place_of(TunnelId id);
  [[nodiscard]] std::optional<std::string> why_not_carried(const TunnelUp& up) const;
  void belong(Tunnel& tunnel, policy::RuleIndex rule) const;
  void refuse(const TunnelUp& up, TunnelId first, Counter counter, const std::string& why);
  void forget(TunnelId id);
  void replace_older(const Tunnel& young);
  void enter(Tunnel& tunnel);
  void leave(Tunnel& tunnel);

  Context& context_;
  const Asked& asked_;
  CheckQueues& checks_;
  std::map<TunnelId, Tunnel> by_id_;  ///< those below point into it
  PeerRings with_peer_;
  Carriers carriers_;
};

}  // namespace engine
