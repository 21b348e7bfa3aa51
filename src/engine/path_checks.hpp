// Whether standing tunnels still lead where they should: each is probed for again and again, with the flow that it was
// made for. Its other end says whether it still has it, and whoever answers in its place says that the route leads
// elsewhere now (docs/engine.md, "Tunnels that lead nowhere").
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/time.hpp"
#include "engine/context.hpp"
#include "engine/cookie.hpp"
#include "engine/deadlines.hpp"
#include "engine/event.hpp"
#include "engine/peers.hpp"
#include "engine/tunnels.hpp"
#include "wire/message.hpp"
#include "wire/packet.hpp"

namespace engine {

/// One check of a tunnel is a probe and the answers to it within kCheckWindow. kCheckStrikes of them in a row have to
/// say that the tunnel is of no use before it is taken down; no answer says nothing, because a probe that is lost must
/// not cost a tunnel. It is made with a flow that no other tunnel with the same peer carries, or the answer could be
/// about that one; a tunnel that has no such flow is of no use, and goes when that is so for some turns.
class PathChecks {
 public:
  PathChecks(Context& context, Tunnels& tunnels, Peers& peers) : context_(context), tunnels_(tunnels), peers_(peers) {}

  /// The tunnel stands, and is checked from now on.
  void add(TunnelId id, base::Instant now);
  /// It goes on under another id.
  void rename(TunnelId before, TunnelId after, base::Instant now);
  void remove(TunnelId id);

  /// A probe of a tunnel's other end came, for a flow that it carries; `stands`: it says that it has a tunnel for it.
  /// Anybody can have sent it: when it says no, the tunnel is only checked sooner.
  void on_probe(const Tunnel& tunnel, const base::Flow& flow, bool stands, base::Instant now);
  /// True when the response is for a check; it is dealt with then.
  [[nodiscard]] bool on_response(const wire::Response& response, const wire::UdpDatagram& datagram, base::Instant now);
  /// The world has changed: every tunnel is checked soon.
  void on_routes(base::Instant now);

  [[nodiscard]] std::optional<base::Instant> next_deadline() const;
  void on_deadline(base::Instant now);
  [[nodiscard]] std::size_t size() const { return by_id_.size(); }

 private:
  /// What the answers to one probe said.
  enum class Heard : std::uint8_t { kNothing, kElsewhere, kLost, kStands };
  struct Check {
    TunnelId id{};
    std::uint32_t place = kNoPlace;
    base::Instant due{};  ///< its turn, or the end of its probe's window
    base::Instant sent{};
    wire::Cookie cookie{};  ///< of the probe that is out; zero: none is
    Heard heard = Heard::kNothing;
    std::uint8_t strikes = 0;
    std::uint8_t idle_turns = 0;  ///< in a row: other tunnels carried all that this one does
    bool was_on_path = false;     ///< the tunnel's other end has answered one of these probes itself
    base::Flow flow;              ///< what was probed for last
    base::Address elsewhere;      ///< who answered in the place of the tunnel's other end

    [[nodiscard]] bool is_out() const { return cookie != wire::Cookie{}; }
  };
  using Queue = Deadlines<Check>;
  struct CookieHash {
    std::size_t operator()(const wire::Cookie& cookie) const { return std::bit_cast<std::uint64_t>(cookie); }
  };

  [[nodiscard]] Queue& queue_of(const Check& check) { return check.is_out() ? windows_ : turns_; }
  void wait_for_turn(Check& check, base::Instant due);
  void on_turn(const Tunnel& tunnel, Check& check, base::Instant now);
  void on_window(const Tunnel& tunnel, Check& check, base::Instant now);
  /// `flow` is one of the tunnel's, of no other if there is such a one.
  void send(const Tunnel& tunnel, Check& check, const base::Flow& flow, base::Instant now);
  [[nodiscard]] static bool is_doubtful(const Tunnel& tunnel, const Check& check, base::Instant now);
  void give_up(const Tunnel& tunnel, const Check& check);
  /// True when the tunnel is to be taken down because others carry all that it does; `has_own`: they do not.
  [[nodiscard]] bool is_for_nothing(const Tunnel& tunnel, Check& check, bool has_own) const;
  [[nodiscard]] Heard meaning(const Tunnel& tunnel, const Check& check, const wire::Response& response,
                              const Standing& standing) const;
  [[nodiscard]] base::Instant next_turn(base::Instant now) const;

  Context& context_;
  Tunnels& tunnels_;
  Peers& peers_;
  std::unordered_map<TunnelId, Check> by_id_;  ///< those below point into it
  Queue turns_;                                ///< those that wait for their next probe; paced
  Queue windows_;                              ///< those whose probe is out
  std::unordered_map<wire::Cookie, TunnelId, CookieHash> by_cookie_;
  base::Instant paced_until_{};
};

}  // namespace engine
