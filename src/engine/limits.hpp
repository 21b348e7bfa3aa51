// The engine's own limits, each with its reason. What the protocol fixes is in wire/constants.hpp.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.hpp"

namespace engine {

using namespace std::chrono_literals;

/// First wait for an answer: longer than a round trip across the world, shorter than a user's patience.
inline constexpr base::Duration kProbeTimeout = 500ms;
/// Probes of one discovery: at 0, 0.5 and 1.5 s; given up at 3.5 s. Two losses in a row are survived.
inline constexpr unsigned kProbeAttempts = 3;
/// Deadlines are spread by up to this part of themselves, so that a thousand discoveries do not probe in step.
inline constexpr unsigned kJitterDivisor = 8;
/// charon gives up on a silent peer only after minutes; a peer that answered a moment ago must answer IKE sooner.
inline constexpr base::Duration kNegotiationTimeout = 30s;
/// How long the end that gives way in a crossing waits for the other's tunnel before it probes again: IKE's two
/// exchanges across the world.
inline constexpr base::Duration kYield = 3s;
/// How often it waits so before it asks for its own tunnel: charon repeats what was lost after 4 and 11 s.
inline constexpr unsigned kYields = 4;
/// How long after our own probe another gateway's for the same tunnel is left unanswered, when that one does not read
/// that the tunnel is coming: it is repeated soon enough.
inline constexpr base::Duration kUnderWay = 1s;
/// A gateway that we answered so long ago has its tunnel by now, or will not.
inline constexpr base::Duration kAskedLately = 3s;
/// What an observing gateway found out is asked anew after so long, when such a flow is still seen.
inline constexpr base::Duration kObservedAnew = 10min;
/// Tunnels that would come up, and destinations for which none would, that an observing gateway remembers.
inline constexpr std::size_t kMaxObservations = 1024;
/// Further gateways that are remembered for one discovery.
inline constexpr std::size_t kMaxAlternates = 3;
/// An answer that the policies do not meet with ends a discovery only so much later: another gateway may answer, too.
inline constexpr base::Duration kSecondAnswer = 100ms;
/// First hold-down after a failure; it doubles with each further one.
inline constexpr base::Duration kHoldDown = 1s;
/// Longest hold-down: a peer that returns must be used again within 5 s.
inline constexpr base::Duration kHoldDownMax = 4s;
/// Unanswered destinations of one network after which further ones share one probe in kHoldDownMax: an inside host that
/// scans shall not fill the table.
inline constexpr std::size_t kSilentDestinations = 8;
/// Probes for flows in what a gateway refused a moment ago, to networks where it was found, a second and at once: their
/// path may lead to another gateway, and a thousand flows shall not ask the one that refuses.
inline constexpr double kRefusedTrials = 1;
inline constexpr double kRefusedTrialsBurst = 8;
/// How long a failure is remembered after its hold-down, for the doubling; an opened bypass ends with it.
inline constexpr base::Duration kRest = 20s;

/// A tunnel whose flows are caught twice, at least so far apart and not much further, does not carry them.
inline constexpr base::Duration kAstrayApart = 2s;
inline constexpr base::Duration kAstrayForgotten = 30s;

/// What came up less long ago is not judged: the other end, or what asked for it, may not know yet.
inline constexpr base::Duration kSettled = 5s;
/// How often the path of each tunnel is probed: a peer that lost it, or a route that leads elsewhere now, is noticed
/// within this and two rounds of kCheckWindow.
inline constexpr base::Duration kCheckEvery = 10s;
/// After a tunnel came up: too early to judge it, and in time to learn who answers on its path.
inline constexpr base::Duration kFirstCheck = 2s;
/// How long answers to such a probe count: longer than a round trip across the world.
inline constexpr base::Duration kCheckWindow = 1s;
/// Such probes in a row that must say the same before a tunnel is given up.
inline constexpr unsigned kCheckStrikes = 2;
/// A sign that a tunnel may be dead brings its next check forward, at most so often.
inline constexpr base::Duration kCheckAgain = 2s;
/// Such turns in a row at which other tunnels with the same peer carry all that one does: then it is taken down by the
/// end with the lower address, and after twice as many by the other. What is being rekeyed or replaced is by then.
inline constexpr unsigned kIdleTurns = 2;
/// Between two such probes of any tunnels: 100 a second. With more than 1,000 tunnels each has its turn later.
inline constexpr base::Duration kCheckPace = 10ms;
/// Changes of routes are acted on at most so often: the first at once, those behind it together.
inline constexpr base::Duration kRoutesPause = 5s;

/// Discoveries at once, hold-downs among them: about 20 MB. Past it a new one is refused and counted; a host's
/// flows are refused when it has as many as are left.
inline constexpr std::size_t kMaxDiscoveries = 65'536;
/// Standing tunnels that are followed; charon measures 22 KB each, so it ends first.
inline constexpr std::size_t kMaxTunnels = 65'536;
/// Destinations that pass in the clear at once because their rules say so: as many as one set of the guard holds.
inline constexpr std::size_t kMaxOpenings = 4'096;
/// Tunnels that did not come up and are held down, by rule, gateway and product; each takes some 300 bytes, of which
/// most are its product's.
inline constexpr std::size_t kMaxRefusals = 1'024;
/// Networks in which a gateway was found that did not bring up its tunnel; each takes some 100 bytes.
inline constexpr std::size_t kMaxRefusedNetworks = 4'096;
/// Those bounds that whoever makes an engine may set lower, so that a small world meets them.
struct Limits {
  std::size_t discoveries = kMaxDiscoveries;
  std::size_t openings = kMaxOpenings;
};
/// Peers remembered; the one silent for longest goes.
inline constexpr std::size_t kMaxPeers = 16'384;

/// Discoveries a second for flows of one host behind us, and at once after silence: a host that starts with a thousand
/// flows is served at once. Each sends kProbeAttempts probes at most, of some 600 bytes: 3 Mbit/s for one that scans.
inline constexpr double kDiscoveriesPerHost = 200;
inline constexpr double kDiscoveriesPerHostBurst = 1'000;
/// A host that has used up more than so much of its burst is busy, and all busy ones get half of what all get: however
/// many scan, those that ask for little find room.
inline constexpr double kCalmDiscoveries = 50;
inline constexpr double kDiscoveriesPerSecond = 2'000;
inline constexpr double kDiscoveriesBurst = 4'000;
inline constexpr double kDiscoveriesOfBusy = kDiscoveriesPerSecond / 2;
inline constexpr double kDiscoveriesOfBusyBurst = kDiscoveriesBurst / 2;
/// Hosts that are told apart; the one silent for longest goes.
inline constexpr std::size_t kMaxAskingHosts = 16'384;
/// Discoveries whose time has come that are worked off in one call: some milliseconds, so that who asks something of
/// this gateway, or answers it, need not wait for a thousand others.
inline constexpr std::size_t kMaxDueAtOnce = 64;

/// First packets kept for one discovery: more than any protocol sends before it has an answer, and what a sender that
/// waits for none sends in a moment.
inline constexpr std::size_t kHeldPerDiscovery = 16;
/// Longer ones are what an offload put together, or jumbo frames: too long for most ways out, and not of a beginning.
inline constexpr std::size_t kMaxHeldLength = 2'048;
/// In all: 2 MB at most. The one that has waited longest goes.
inline constexpr std::size_t kMaxHeldPackets = 1'024;
/// By then its sender has sent it again, or given up.
inline constexpr base::Duration kHeldFor = 5s;

/// Answers a second to all, and at once after silence: far above what a mesh asks, far below what hurts.
inline constexpr double kAnswersPerSecond = 20'000;
inline constexpr double kAnswersBurst = 20'000;
/// Answers a second to one claimed gateway: a gateway that starts with a thousand flows is served at once.
inline constexpr double kAnswersPerGateway = 200;
inline constexpr double kAnswersPerGatewayBurst = 1'000;
/// A gateway that has used up more than so much of its burst is busy, and all busy ones get half of what all get:
/// however many gateways flood, those that ask for little find room. (Who claims to be ever other gateways is bounded
/// by what all get.)
inline constexpr double kCalmAnswers = 50;
inline constexpr double kAnswersToBusy = kAnswersPerSecond / 2;
inline constexpr double kAnswersToBusyBurst = kAnswersBurst / 2;
/// Claimed gateways that are told apart; the one silent for longest goes.
inline constexpr std::size_t kMaxAskers = 16'384;
/// Askers that are remembered to tell a crossing, by gateway and rule; those of before kAskedLately make room.
inline constexpr std::size_t kMaxAsked = 4'096;
/// Negotiations that are looked through for one that will carry a flow; with more, a second tunnel may come of it.
inline constexpr std::size_t kMaxLookedThrough = 256;
/// Requests a second for an echo of our cookie, in all.
inline constexpr double kEchoRequests = 10'000;
/// Of one probe that was sent, how many are repeated with a cookie: whoever sees it can ask in vain, and the gateway
/// that is in earnest shall still find one.
inline constexpr unsigned kMaxEchoes = 3;
/// By how much another's clock may be off: a proof that was made longer ago, or will be, proves nothing.
inline constexpr base::Duration kClockSkew = 60s;
/// As long as a proof holds at most, wherever within kClockSkew its maker's clock stands.
inline constexpr base::Duration kReplayWindow = 2 * kClockSkew;
/// Probes that proved themselves within that time and are known again.
inline constexpr std::size_t kMaxReplays = 65'536;
/// Pairs of hosts of which the last probe that was not answered is remembered, for people who ask why: 64 KB.
inline constexpr std::size_t kMaxUnanswered = 256;
/// So often a second the rule is looked for that would nearly have answered, whoever listens; it may take long.
inline constexpr double kNearMisses = 5;
inline constexpr double kNearMissesBurst = 50;
/// Width of the window in which two identical probes get two identical answers.
inline constexpr base::Duration kCookieWindow = 60s;

}  // namespace engine
