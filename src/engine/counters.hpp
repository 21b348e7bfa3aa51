// Counters of everything that happens, every drop under its reason. Names are stable: `tedctl counters` and the metrics
// carry them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/fetch.hpp"

namespace engine {

enum class Counter : std::uint8_t {
  kFlowsCaught,            ///< packets that the guard reported
  kFlowsNotProtected,      ///< caught under a policy that has changed since
  kFlowsAboutProbes,       ///< ICMP errors about probes that travelled on: nobody is looked for
  kFlowsCovered,           ///< caught while a tunnel for them came up
  kFlowsPending,           ///< a discovery for them was under way
  kFlowsHeldDown,          ///< a discovery for them failed a moment ago
  kFlowsSilentPrefix,      ///< many destinations of their network went unanswered
  kFlowsObserved,          ///< an observing gateway knows what would carry them
  kFlowsNoDiscover,        ///< their rule says discover = false
  kFlowsNoGatewayAddress,  ///< no gateway address to be answered at
  kFlowsNoRoom,            ///< the table of discoveries was full
  kFlowsShareUsed,         ///< their host had its share of that table
  kHostsForgotten,         ///< hosts whose buckets are full again: too many others began discoveries since
  kFlowsPaced,             ///< more discoveries began for their host, or for all, than may in that time
  kPacketsHeld,            ///< kept until their tunnel stands
  kPacketsReleased,        ///< and sent on through it
  kHeldNoRoom,             ///< dropped: more than are kept for one discovery, or in all
  kHeldTooLong,            ///< dropped: longer than a packet of a flow's beginning
  kHeldFailed,             ///< dropped: their discovery failed, or the policy was replaced
  kHeldExpired,            ///< dropped: no tunnel in time
  kDiscoveriesStarted,
  kDiscoveriesFailed,
  kDiscoveriesUnanswered,
  kDiscoveriesDisagreed,
  kDiscoveriesIkeFailed,
  kDiscoveriesRefused,     ///< answered, and that tunnel had failed a moment ago: not asked for again
  kDiscoveriesYielded,     ///< waited for a tunnel that was already being brought up
  kDiscoveriesObserved,    ///< an observing gateway found a tunnel that would come up
  kObservationsForgotten,  ///< what an observing gateway found out and has no room for
  kRefusalsForgotten,      ///< tunnels that did not come up, whose hold-down ended early: too many others stood in one
  kDiscoveriesEvicted,     ///< forgotten early: their room was needed
  kProbesSent,
  kProbesRepeated,
  kProbesEchoed,         ///< sent once more with the cookie of a gateway that asked for that
  kPathChecks,           ///< probes for the path of a standing tunnel
  kProbesUnreachable,    ///< given up early: the network said that nobody took them off their path
  kUnreachableRejected,  ///< such words about no recent probe of ours
  kProbesReceived,
  kProbesAnswered,
  kAnswersUnsent,  ///< this machine did not take them: no way to the gateway that asks; not among those answered
  kProbesPassedOn,
  kProbesMalformed,         ///< passed on: not a whole datagram of ours
  kProbesDraft,             ///< passed on: no summary, and the rule does not take that
  kProbesDraftAnswered,     ///< of those answered: no summary
  kProbesDraftUndecided,    ///< passed on: no summary, and addresses alone do not tell what may be agreed
  kProbesMismatched,        ///< passed on: summary and IP header name other hosts
  kProbesOwn,               ///< passed on: they name a gateway address of ours
  kProbesObserving,         ///< passed on: we only observe, and their gateway does not
  kProbesNotAsker,          ///< passed on: the rule does not answer that gateway (askers)
  kProbesUnproven,          ///< passed on: the rule wants them authenticated, and they are not
  kProbesUnauthorised,      ///< passed on: their gateway may not speak for P's source
  kProbesEchoAsked,         ///< asked for once more, with our cookie, before their signature is checked
  kProbesWrongEcho,         ///< with a cookie that is not, or no longer, ours: as if there were none
  kProbesReplayed,          ///< dropped: copies of authenticated ones
  kProbesProven,            ///< of those answered: authenticated
  kProbesUnderWay,          ///< the tunnel that they ask for is being brought up with their gateway
  kProbesBadGateway,        ///< dropped: they name an address that must not be answered
  kProbesNoGatewayAddress,  ///< dropped: we have no gateway address of the asker's family
  kProbesTooShort,          ///< dropped: no response fits their length
  kProbesExpired,           ///< dropped: TTL ended here
  kRateLimited,             ///< dropped: more probes than we answer
  kAskersForgotten,         ///< gateways whose buckets are full again: too many others asked since
  kUnansweredForgotten,     ///< unanswered probes that nobody can be told of any more: others came
  kAskedNoRoom,             ///< answered, and not remembered for a crossing: too many others were of late
  kReplaysForgotten,        ///< authenticated ones whose copies are not known any more: too many others came
  kPeersForgotten,          ///< gateways that were silent for longest: too many others are known
  kResponsesReceived,
  kResponsesAccepted,
  kResponsesDraftAccepted,  ///< of those accepted: a half proxy only
  kResponsesKept,           ///< another gateway's answer to the same probe, to be tried when the first one fails
  kResponsesRejected,       ///< the sum of those below
  kResponsesMalformed,
  kResponsesUnknownCookie,
  kResponsesLate,       ///< another answer to the same probe came first
  kResponsesBadSource,  ///< not from the address that their ID names
  kResponsesBadGateway,
  kResponsesDraft,         ///< a half proxy only, and the rule does not take that
  kResponsesUnproven,      ///< not authenticated, and the rule wants that
  kResponsesUnauthorised,  ///< they offer what their gateway may not speak for
  kResponsesProven,        ///< of those accepted: authenticated
  kResponsesDowngraded,    ///< of those accepted: not authenticated, or by less, though their gateway's were before
  kProofsMissing,          ///< of messages for authenticated rules: no proof at all, or none of a kind that we read
  kProofsWrong,            ///< the keyed hash or the signature does not hold
  kProofsStale,            ///< made too long ago, or in the future: one of the two clocks is off
  kProofsUntrusted,        ///< the certificate is expired, revoked, or leads to no CA of ours
  kProofsUnchecked,        ///< more signatures than are checked in that time
  kProofsUnexamined,       ///< the process that reads certificates was away, or stuck over one
  kTunnelsUp,              ///< tunnels that came up
  kTunnelsDown,
  kTunnelsRefused,       ///< taken down: they carry what policy does not protect, or nothing
  kTunnelsUnauthorised,  ///< taken down: their peer claimed what it may not speak for
  kTunnelsNarrowed,      ///< asked for anew, with the part that their peer may speak for
  kTunnelsNoRoom,
  kTunnelsReplaced,  ///< taken down: others with their peer carry what they do
  kTunnelsLost,      ///< taken down: their peer said that it has them no more
  kTunnelsMoved,     ///< taken down: another gateway answers for their flows
  kTunnelsAstray,    ///< taken down: they stood and did not carry what they cover
  kOpeningsNoRoom,   ///< stayed closed though the rule says bypass: too many were open
  kIllegalMoves,     ///< a state machine was told something that it cannot happen in that state
};

inline constexpr std::size_t kCounterCount = static_cast<std::size_t>(Counter::kIllegalMoves) + 1;

/// `probes_sent` and the like.
[[nodiscard]] std::string_view name(Counter counter);

class Counters {
 public:
  void add(Counter counter) { ++values_[static_cast<std::size_t>(counter)]; }
  /// What was added a moment ago did not come to pass, and nobody has read it yet.
  void take_back(Counter counter) { --values_[static_cast<std::size_t>(counter)]; }
  /// For who counts without knowing what.
  [[nodiscard]] std::uint64_t& cell(Counter counter) { return values_[static_cast<std::size_t>(counter)]; }
  /// Asks for its memory.
  void fetch(Counter counter) const { base::fetch(values_[static_cast<std::size_t>(counter)]); }
  [[nodiscard]] std::uint64_t value(Counter counter) const { return values_[static_cast<std::size_t>(counter)]; }

 private:
  std::array<std::uint64_t, kCounterCount> values_{};
};

}  // namespace engine
