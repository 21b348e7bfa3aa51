// The tunnels that stand, whoever asked for them: charon is the truth, this is its mirror.
#pragma once

#include <cstddef>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "engine/asked.hpp"
#include "engine/context.hpp"
#include "engine/event.hpp"

namespace engine {

struct Tunnel {
  TunnelUp facts;
  policy::RuleIndex rule{};  ///< the rule that protects its flows
  std::string rule_name;
  base::Instant since{};
  base::Flow flow;                        ///< one that it carries: that of the packet that it was made for, or
  bool is_sample = true;                  ///< any one, as long as nobody knows that
  std::optional<base::Instant> astray{};  ///< when a flow of its was caught last instead of carried
};

class Tunnels {
 public:
  Tunnels(Context& context, const Asked& asked) : context_(context), asked_(asked) {}

  [[nodiscard]] const std::map<TunnelId, Tunnel>& all() const { return by_id_; }
  /// Null when there is none.
  [[nodiscard]] const Tunnel* find(TunnelId id) const;

  /// True when a standing tunnel carries the flow.
  [[nodiscard]] bool cover(const base::Flow& flow) const;
  /// The standing tunnel with that peer that carries the flow; null when there is none.
  [[nodiscard]] const Tunnel* with(const base::Address& peer, const base::Flow& flow) const;
  /// The tunnel was made for a packet of that flow, or so its other end says. Kept when nothing better is known, and
  /// when the tunnel carries it.
  void made_for(TunnelId id, const base::Flow& flow);
  /// The guard caught a flow: true when a standing tunnel should have carried it. One that goes on not to carry what it
  /// covers is taken down, so that the flow is discovered anew: charon lists it, and its data plane has lost it.
  bool on_caught(const base::Flow& flow, base::Instant now);

  /// Takes the tunnel in, or has it taken down: when policy does not protect all that it carries (charon knows only
  /// covering prefixes, never the earlier lines), or when there is no room. True when it was taken in or was known.
  ///
  /// An older tunnel with the same peer that it makes useless is taken down: the peer would not have made this one if
  /// it still had that. It has lost it, with its charon.
  bool on_up(const TunnelUp& up, base::Instant now);
  void on_down(TunnelId id);
  /// Judges the tunnel again when it came back with other selectors, and one that was not in force before, as on_up
  /// does: what is rekeyed while it is being refused must not stand unknown.
  void on_rekeyed(TunnelId before, TunnelUp up, base::Instant now);

  /// Has every tunnel to the peer taken down.
  void take_down(const base::Address& peer);
  /// Every tunnel must be sound under the new policy too.
  void on_policy();

 private:
  [[nodiscard]] std::optional<policy::RuleIndex> rule_of(const TunnelUp& up) const;
  void belong(Tunnel& tunnel, policy::RuleIndex rule) const;
  void refuse(const TunnelUp& up, Counter counter, const std::string& why);
  void replace_older(const Tunnel& young);
  void enter(const Tunnel& tunnel);
  void leave(const Tunnel& tunnel);
  void announce_cover();

  Context& context_;
  const Asked& asked_;
  std::map<TunnelId, Tunnel> by_id_;
  std::unordered_map<base::Address, std::vector<TunnelId>> by_peer_;
};

}  // namespace engine
