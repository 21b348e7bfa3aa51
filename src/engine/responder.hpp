// The responder: no state for a probe, one answer to one probe (figure 2 of the seed, blocks 212 and 214).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/fetch.hpp"
#include "base/time.hpp"
#include "engine/admission.hpp"
#include "engine/asked.hpp"
#include "engine/context.hpp"
#include "engine/discoveries.hpp"
#include "engine/limits.hpp"
#include "engine/path_checks.hpp"
#include "engine/peers.hpp"
#include "engine/replays.hpp"
#include "engine/ruling.hpp"
#include "engine/secrets.hpp"
#include "engine/token_bucket.hpp"
#include "engine/tunnels.hpp"
#include "engine/unanswered.hpp"
#include "wire/message.hpp"
#include "wire/packet.hpp"

namespace engine {

class Responder {
 public:
  Responder(Context& context, Asked& asked, Tunnels& tunnels, PathChecks& checks, const Discoveries& discoveries,
            Peers& peers)
      : context_(context),
        asked_(asked),
        tunnels_(tunnels),
        checks_(checks),
        discoveries_(discoveries),
        peers_(peers),
        admission_(secret_of(context.ports, Secret::kAdmission), context.counters),
        proven_admission_(secret_of(context.ports, Secret::kProvenAdmission), context.counters),
        unanswered_(secret_of(context.ports, Secret::kUnanswered), context.counters) {}

  /// That gateway asked for a tunnel that it may not have: its probes are not answered for a moment.
  void hold_down(const base::Address& gateway, base::Instant now) {
    admission_.hold_down(gateway, now + kHoldDownMax);
    proven_admission_.hold_down(gateway, now + kHoldDownMax);
  }

  /// A probe for somebody: answers it when our policy protects its flow and may tell so, else lets it travel on. Never
  /// says "no". `datagram` points into `packet`.
  void on_probe(const wire::Probe& probe, const wire::UdpDatagram& datagram, base::ByteView packet, base::Instant now);

  /// What was taken off the wire and is not ours travels on as it came, its TTL one less.
  void pass_on(base::ByteView caught, Counter reason);

  [[nodiscard]] const Unanswered& unanswered() const { return unanswered_; }
  /// What was ruled by the old policy is of no use to anybody who asks now.
  void on_policy() { unanswered_.clear(); }

  /// Asks for the memory that every probe reads.
  void fetch() const {
    base::fetch(admission_);
    base::fetch(asked_);
  }

 private:
  /// Our discovery that negotiates that very tunnel with the asker; null when there is none.
  [[nodiscard]] const Discovery* under_way(const wire::Probe& probe, const policy::Match& match,
                                           const base::Flow& inbound) const;
  /// True when a tunnel with the asker carries the flow; what the probe says about that is heard.
  bool hear_of_tunnel(const wire::Probe& probe, const base::Flow& inbound, base::Instant now);
  struct Judged {
    std::optional<base::MaskedAddress> half{};  ///< what is answered to a probe without summary
    std::optional<policy::Match> match{};
    Standing standing{};  ///< what the probe proved
    Ruling ruling{};
    bool coming = false;  ///< the tunnel that it asks for is being brought up
  };
  [[nodiscard]] Ruling policy_ruling(const wire::Probe& probe, const wire::UdpDatagram& datagram,
                                     const std::optional<policy::Match>& match) const;
  /// The rows about what it proves and how often, which ask rule, certificate and buckets.
  [[nodiscard]] Ruling proof_ruling(const wire::Probe& probe, const wire::UdpDatagram& datagram,
                                    const policy::Rule& rule, Standing& standing, base::Instant now);
  [[nodiscard]] Sender sender_of(const wire::Probe& probe, base::Instant now) const;
  /// Of a probe that brings a proof which can be judged here.
  [[nodiscard]] std::optional<std::uint64_t> mark_of(const wire::Probe& probe, const wire::UdpDatagram& datagram) const;
  /// False when the rule tells such an asker the part of its flow alone.
  [[nodiscard]] bool tells_all(const Judged& judged) const;
  /// What our response proves itself with: what both ends have. Nobody makes us sign who proves nothing.
  [[nodiscard]] Means means_for(const wire::Probe& probe, const Standing& standing) const;
  /// `inbound` is what the probe asks for, written from our side.
  [[nodiscard]] Judged judge(const wire::Probe& probe, const wire::UdpDatagram& datagram, const base::Flow& inbound,
                             base::Instant now);
  /// In no more bytes than it has: its signature is looked at when the probe comes back with our cookie.
  void ask_for_echo(const wire::Probe& probe, const wire::UdpDatagram& datagram, base::Instant now);
  /// Any but kAnswered and kUnheard.
  void carry_out(Ruling ruling, const wire::Probe& probe, const wire::UdpDatagram& datagram, const Standing& standing,
                 base::ByteView packet, base::Instant now);
  /// Tells people, and those who ask later.
  void tell(Ruling ruling, const wire::Probe& probe, const wire::UdpDatagram& datagram, const Standing& standing,
            base::Instant now);
  /// kAnswered, or why it could not be.
  [[nodiscard]] Ruling answer(const wire::Probe& probe, const Judged& judged, const base::Flow& inbound,
                              std::size_t limit, base::Instant now);
  void fill(wire::Response& response, const Judged& judged, const base::Flow& inbound, wire::Capabilities told) const;
  /// As full as `limit` bytes allow; empty when not even the bare form fits.
  [[nodiscard]] base::Bytes encoded(wire::Response& response, const policy::Match& match, const base::Flow& inbound,
                                    std::size_t limit, bool is_signed) const;
  [[nodiscard]] wire::Cookie cookie_for(const wire::Probe& probe, const base::Address& own, base::Instant now) const;

  Context& context_;
  Asked& asked_;
  Tunnels& tunnels_;
  PathChecks& checks_;
  const Discoveries& discoveries_;
  Peers& peers_;
  /// Of no gateway in particular: whoever speaks in its name would use up what is there for it. A request is a
  /// twentieth of what was sent to have it, so nobody is worth reflecting it to.
  TokenBucket echo_requests_{kEchoRequests, kEchoRequests};
  Admission admission_;         ///< of those that prove nothing: whom they claim to be is anybody's to say
  Admission proven_admission_;  ///< of the others
  Replays replays_;
  Unanswered unanswered_;
  TokenBucket near_misses_{kNearMisses, kNearMissesBurst};
};

}  // namespace engine
