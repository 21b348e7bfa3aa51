// The initiator: a caught packet becomes a probe, a response becomes an agreement, an agreement becomes a tunnel
// (figure 2 of the seed).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/fetch.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/answer.hpp"
#include "engine/asked.hpp"
#include "engine/context.hpp"
#include "engine/discoveries.hpp"
#include "engine/held_packets.hpp"
#include "engine/observations.hpp"
#include "engine/peers.hpp"
#include "engine/probe_pace.hpp"
#include "engine/refusals.hpp"
#include "engine/secrets.hpp"
#include "engine/silent_prefixes.hpp"
#include "engine/tunnels.hpp"
#include "policy/product.hpp"
#include "wire/message.hpp"
#include "wire/packet.hpp"
#include "wire/unreachable.hpp"

namespace engine {

class Initiator {
 public:
  Initiator(Context& context, Tunnels& tunnels, Peers& peers, const Asked& asked)
      : context_(context),
        tunnels_(tunnels),
        peers_(peers),
        asked_(asked),
        discoveries_(context.counters, context.settings.limits.discoveries),
        pace_(secret_of(context.ports, Secret::kPace), context.counters),
        held_(context.counters),
        refusals_(secret_of(context.ports, Secret::kRefusals), context.counters),
        observations_(context.counters) {}

  [[nodiscard]] const Discoveries& discoveries() const { return discoveries_; }
  [[nodiscard]] const Observations& observations() const { return observations_; }
  [[nodiscard]] const Refusals& refusals() const { return refusals_; }
  [[nodiscard]] const SilentPrefixes& silent() const { return silent_; }

  void on_caught(FlowCaught caught, base::Instant now);
  void on_trace(TraceId id, const base::Flow& flow, base::Instant now);
  void on_response(const wire::Response& response, const wire::UdpDatagram& datagram, base::Instant now);
  /// A gateway asks for the probe once more, with its cookie, before it looks at its signature.
  void on_echo_wanted(const wire::Response& wanted, const wire::UdpDatagram& datagram, base::Instant now);
  /// The network's word that a probe found no gateway: believed when it knows the cookie, and then the discovery fails
  /// at once. Not where failure opens a bypass: there, nobody answers only after all attempts.
  void on_unreachable(const wire::Unreachable& error, base::Instant now);
  void on_tunnel_up(const TunnelUp& up, const base::Result<void, std::string>& taken, base::Instant now);
  /// The peer asked for that tunnel and may not have all of it: looks for the peer itself where the flow that it asked
  /// for may be carried, for what is asked for on this side can be narrowed.
  void on_excess(const TunnelUp& up, base::Instant now);
  void on_bring_up_failed(const wire::Cookie& cookie, const std::string& reason, base::Instant now);
  /// Hold-downs and openings belong to the old policy: all is forgotten.
  void on_policy();
  /// Ends every hold-down, and the back-off begins anew: what failed may be reached now.
  void on_routes(base::Instant now);
  /// Forgets failures that `peer` caused and what is being negotiated with it: the next packet probes at once.
  void forget(const base::Address& peer);
  /// Says which openings are in force, once for all changes since the last time.
  void announce_openings();

  /// Asks for the memory that every event reads.
  void fetch() const {
    discoveries_.fetch();
    base::fetch(held_);
    base::fetch(openings_changed_);
  }

  [[nodiscard]] std::optional<base::Instant> next_deadline() const;
  /// Works off what is due, at most kMaxDueAtOnce; the rest stays due.
  void on_deadline(base::Instant now);

 private:
  /// What becomes of a packet that was caught.
  enum class Fate : std::uint8_t {
    kLost,
    kAwaits,   ///< a tunnel for it is looked for
    kCarried,  ///< a tunnel for it stands
  };
  Fate on_flow(const base::Flow& flow, const std::optional<policy::Match>& match, base::Instant now);
  /// Sends on what was kept of the flows that `is_carried` says yes to.
  template <class IsCarried>
  void release_held(IsCarried is_carried) {
    auto packets = held_.take(is_carried);
    if (!packets.empty()) context_.act(Release{std::move(packets)});
  }
  [[nodiscard]] bool may_discover(const base::Flow& flow, const std::optional<policy::Match>& match);
  void make_room();
  void take_turn(Discovery& discovery, const base::Flow& caught);
  [[nodiscard]] bool may_probe_network(const base::Flow& flow, policy::RuleIndex rule, base::Instant now);
  /// What would carry the flow was refused a moment ago: it is not probed for.
  [[nodiscard]] bool is_refused(const base::Flow& flow, policy::RuleIndex rule, base::Instant now);
  void set_silent(Discovery& discovery, bool silent);
  void start(Discovery& discovery, base::Instant now);
  void send_probe(Discovery& discovery, base::Instant now);
  void transmit_probe(Discovery& discovery, const wire::Cookie& echo, base::Instant now);
  [[nodiscard]] base::MaskedAddress half_of(const Discovery& discovery) const;
  [[nodiscard]] bool tells_half(const Discovery& discovery) const;
  [[nodiscard]] bool takes_draft(const Discovery& discovery) const;
  [[nodiscard]] bool wants_proof(const Discovery& discovery) const;
  /// What the peer proved, or that it does so no more.
  void note_standing(const Discovery& discovery, const wire::Response& response, const Standing& standing, Peer& peer);
  void note_doubt(Discovery& discovery, const wire::Response& response, const Rejection& why);
  /// Why nothing would come of an answer in the draft form that agrees; may be empty.
  [[nodiscard]] std::string why_not_draft(const base::Flow& flow) const;
  /// Why nothing would come of an answer to a trace that agrees; may be empty.
  [[nodiscard]] std::string why_not(const base::Flow& flow, const wire::Response& response, const Alternate& answer,
                                    const Standing& standing) const;
  /// The discovery that it answers, and what it proves; null, and counted, when it is not believed.
  [[nodiscard]] Discovery* accept(const wire::Response& response, const wire::UdpDatagram& datagram,
                                  Standing& standing);
  void keep(Discovery& discovery, Alternate answer);
  /// What both ends agree on, or why there is nothing.
  [[nodiscard]] base::Result<base::SelectorList, std::string> agreement(const Discovery& discovery,
                                                                        const Alternate& answer) const;
  void agree(Discovery& discovery, const Alternate& answer, base::Instant now);
  void observe(Discovery& discovery, const Alternate& answer, base::Instant now);
  void disagree(Discovery& discovery, std::string reason, base::Instant now);
  [[nodiscard]] bool try_next(Discovery& discovery, const std::string& reason, base::Instant now);
  /// Asks for the tunnel anew, for the part of it that its peer may speak for: true when the packet is in that.
  [[nodiscard]] bool narrow(Discovery& discovery, const TunnelUp& up, base::Instant now);
  void on_ike_failed(Discovery& discovery, std::string reason, base::Instant now);
  [[nodiscard]] bool is_under_way(const Discovery& discovery, const Alternate& answer, base::Instant now) const;
  /// Why what was agreed on is not to be asked for now; null when it is.
  [[nodiscard]] const Refusal* refusal_of(const Discovery& discovery, base::Instant now) const;
  /// Negotiates what was agreed on, or fails when that is held down.
  void ask(Discovery& discovery, base::Instant now);
  void negotiate(Discovery& discovery, Cue cue, base::Instant now);
  void yield(Discovery& discovery, base::Instant now);
  void report_answer(const Discovery& discovery, const Alternate& answer, const Standing& standing);
  void answer_trace(Discovery& discovery, const wire::Response& response, const Standing& standing, base::Instant now);
  void fail_trace(Discovery& discovery, std::string reason);
  void finish_trace(Discovery& discovery, TraceDone done);
  [[nodiscard]] std::string why_unanswered(const Discovery& discovery) const;
  void fail_waiting(const Discovery& failed, const std::string& reason, base::Instant now, base::Instant until);
  /// `until`: what it failed for is held down so long; nothing: it has a hold-down of its own.
  void fail(Discovery& discovery, Cue cue, Counter counter, std::string reason, base::Instant now,
            std::optional<base::Instant> until = {});
  void finish(Discovery& discovery);
  /// Makes that move with every discovery that `chosen` names, and ends it.
  template <class Chosen>
  void finish_all(Cue cue, Chosen chosen);
  void on_due(Discovery& discovery, base::Instant now);
  void on_yielded(Discovery& discovery, base::Instant now);
  void release(Discovery& discovery, base::Instant now);
  [[nodiscard]] bool may_open(const Discovery& discovery) const;
  void open_bypass(const Discovery& discovery);
  void close_bypass(const Discovery& discovery);
  [[nodiscard]] base::Duration spread(base::Duration wait) const;
  [[nodiscard]] const std::string& rule_name(const Discovery& discovery) const;

  Context& context_;
  Tunnels& tunnels_;
  Peers& peers_;
  const Asked& asked_;
  Discoveries discoveries_;
  ProbePace pace_;
  HeldPackets held_;
  SilentPrefixes silent_;
  Refusals refusals_;
  Observations observations_;
  std::set<Opening> openings_;
  bool openings_changed_ = false;
};

}  // namespace engine
