// What tedd tells about itself: the data of its replies, and the events of `watch`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/selector.hpp"
#include "control/named_values.hpp"
#include "control/timestamp.hpp"

namespace control {

struct Status {
  std::string version;
  std::int64_t pid = 0;
  std::string state;  ///< `running`, `degraded` (charon is away), `stopping`
  Timestamp since;
  std::int64_t uptime_ms = 0;
  std::optional<std::string> data_plane{};  ///< `kernel` or `userspace`; nothing before charon has said it
  bool charon_connected = false;
  std::optional<std::string> charon_version;
  std::vector<base::Address> addresses;
  std::vector<std::string> interfaces;
  std::int64_t rules = 0;
  std::int64_t tunnels = 0;
  std::int64_t pending = 0;
  std::int64_t peers = 0;
  std::string guard;  ///< `in force` or `down`
  /// Destinations that pass in the clear now, because a rule says so when nobody answers. An older tedd does not say.
  std::optional<std::int64_t> openings{};
  /// Of each interface `native`, `generic`, or `none: ` and why; nothing when no shield is wanted.
  std::optional<NamedValues<std::string>> shield;
  std::string config;                       ///< the file
  Timestamp loaded;                         ///< when the policy in force was read
  std::optional<std::string> reload_error;  ///< why the last reload was refused; nothing after a good one
  std::optional<std::string> mode{};        ///< `protect` or `observe`; an older tedd does not say
  /// [discovery] in force: how many keys it has, whether it signs, whether rules that do not say want proofs. An older
  /// tedd does not say.
  std::optional<std::int64_t> discovery_keys{};
  std::optional<bool> discovery_signs{};
  std::optional<bool> discovery_required{};
  /// Flowtables of this machine, as `inet filter f (lan0, wan0)`: what they carry passes no guard. An older tedd does
  /// not say.
  std::optional<std::vector<std::string>> flowtables{};
  /// Those of `interfaces` that are ports of a bridge, bond or VRF, with its name, where IP has what they receive.
  /// An older tedd does not say.
  std::optional<NamedValues<std::string>> ports{};
  /// Those of `interfaces` that are not there now, and what there is. An older tedd does not say.
  std::optional<NamedValues<std::string>> missing{};

  bool operator==(const Status&) const = default;
};

struct Tunnel {
  base::Address peer;
  std::string rule;
  std::string state;
  std::vector<base::Selector> selectors;
  Timestamp since;
  std::optional<std::string> cookie;  ///< of the discovery that led to it, in hex; nothing when the peer came unasked
  bool initiator = false;
  std::optional<std::string> identity{};  ///< the peer's, by its certificate; nothing with a shared secret
  std::optional<std::string> form{};      ///< `v3` or `draft`: of the discovery that led to it; nothing where unknown
  std::optional<Timestamp> renewed{};     ///< when it got its present keys; nothing from an older tedd
  std::optional<std::int64_t> id{};       ///< charon's number of it when it came up; events of the history have it, too

  bool operator==(const Tunnel&) const = default;
};

struct Pending {
  std::string rule;
  base::Address destination;
  base::Flow flow;
  std::string state;  ///< the name of the engine's state
  std::int64_t attempts = 0;
  std::optional<std::int64_t> next_ms;  ///< until the next timer; nothing when no timer runs
  std::optional<std::string> cookie;    ///< of the last probe, in hex
  std::optional<std::string> reason;    ///< why it failed, while it holds down
  std::optional<bool> open{};           ///< true: flows of the rule to the destination pass in the clear meanwhile

  bool operator==(const Pending&) const = default;
};

struct Peer {
  base::Address address;
  std::int64_t tunnels = 0;
  std::int64_t last_seen_ms = 0;          ///< ago
  std::optional<std::int64_t> rtt_us;     ///< of the last discovery that it answered
  std::optional<std::string> form;        ///< `v3` or `draft`
  std::optional<std::string> proof{};     ///< how the last of its answers that proved who it is did that
  std::optional<std::string> identity{};  ///< by its certificate, in its last tunnel; nothing with a shared secret
  /// The last second of that certificate; nothing without a tunnel, and from an older tedd.
  std::optional<Timestamp> certificate_until{};

  bool operator==(const Peer&) const = default;
};

/// Of a gateway that only observes: a tunnel that would come up, or a destination for which none would.
struct Observation {
  std::string rule;
  std::string finding;                    ///< `would_protect`, `unanswered` or `disagreed`
  std::optional<base::Address> peer;      ///< who answered
  std::optional<bool> peer_observes;      ///< it says that it only observes as well; nothing where nobody answered
  std::vector<base::Selector> selectors;  ///< what the tunnel would carry; empty where there would be none
  base::Flow flow;                        ///< what was looked for last
  std::optional<std::string> reason;      ///< why there would be no tunnel
  std::int64_t flows = 0;                 ///< copies that were seen of flows of it
  Timestamp first;                        ///< when the first was seen
  Timestamp last;
  Timestamp asked;  ///< when it was found out last

  bool operator==(const Observation&) const = default;
};

/// In the order in which the daemon counts them.
struct Counters {
  NamedValues<std::uint64_t> values;

  bool operator==(const Counters&) const = default;
};

struct RuleInfo {
  std::string name;
  std::string action;                 ///< `protect`, `bypass` or `block`
  std::vector<base::Selector> lines;  ///< in the order in which they are tried
  bool discover = false;
  bool respond = false;
  std::string on_failure;    ///< `block` or `bypass`
  std::string first_packet;  ///< `drop` or `hold`
  std::optional<std::uint64_t> hits;
  /// Of each `interface:NAME` on that side the name and the networks that it stands for; `lines` has them, too.
  NamedValues<std::vector<std::string>> local_interfaces{};
  NamedValues<std::vector<std::string>> remote_interfaces{};
  std::optional<bool> draft = false;  ///< what an older tedd does not say stays as it is
  std::optional<bool> authenticated{};
  std::optional<std::string> disclose{};  ///< `all`, `flow` or `nothing`
  std::optional<std::vector<std::string>> askers{};

  bool operator==(const RuleInfo&) const = default;
};

/// How the reason of a trace begins whose probes did not leave this machine.
inline constexpr std::string_view kUnsent = "probes were not sent: ";

struct TraceResult {
  base::Flow flow;  ///< what was probed for
  bool answered = false;
  std::optional<base::Address> gateway;
  std::optional<std::int64_t> rtt_us;
  std::optional<base::Selector> proxy;  ///< the responder's, written from our side; nothing in the draft form
  std::int64_t attempts = 0;
  std::optional<std::string> reason;                ///< why nobody answered, or why the answer is of no use
  std::optional<std::string> form{};                ///< `v3` or `draft`; nothing without an answer
  std::optional<base::MaskedAddress> half_proxy{};  ///< in the draft form: the responder's own side of its proxy
  /// All that it protects for such a flow, and what of that it exempts, when it tells a list; written from our side.
  std::optional<std::vector<base::Selector>> offered{};
  std::optional<std::vector<base::Selector>> exempt{};
  std::optional<std::vector<base::Selector>> tunnel{};  ///< what a tunnel would carry; nothing when none would come
  std::optional<std::string> proof{};                   ///< how the answer proved who sent it; nothing: it did not

  bool operator==(const TraceResult&) const = default;
};

/// Something that happened; `watch` has one a line.
struct Event {
  std::string id;  ///< stable: docs/events.md
  Timestamp time;
  std::string text;
  NamedValues<std::string> fields;

  bool operator==(const Event&) const = default;
};

/// What happened: an event of which the parts can be told apart.
struct Happening {
  std::string id;  ///< stable: docs/events.md
  Timestamp time;
  std::string text;
  std::optional<std::string> rule;
  std::optional<base::Flow> flow;
  std::optional<base::Address> peer;
  std::optional<std::int64_t> tunnel;                    ///< Tunnel::id
  std::optional<std::vector<base::Selector>> selectors;  ///< of a tunnel that came up

  bool operator==(const Happening&) const = default;
};

/// What happened lately to discoveries and tunnels, the earliest first, as far as it is kept.
struct History {
  std::int64_t forgotten = 0;  ///< of which there was no more room: they came before
  std::vector<Happening> happenings;

  bool operator==(const History&) const = default;
};

/// How a flow fares at this gateway, and why.
struct Why {
  base::Flow flow;
  /// `protected`: a tunnel carries it. `in_progress`: its discovery is under way. `failing`: that failed, and it is
  /// dropped. `open`: that failed, and its rule lets it pass in the clear meanwhile, also while it is tried
  /// again. `idle`: nothing is under way,
  /// and its next packet starts a discovery. `observed`: this gateway only observes, and policy would not let it pass
  /// in the clear. `clear` and `blocked`: policy says so.
  std::string verdict;
  std::optional<std::string> rule;   ///< its first match
  std::vector<std::string> because;  ///< what policy says of it, a sentence each
  std::vector<Tunnel> tunnels;       ///< the one that carries it, if one does
  std::vector<Pending> pending;      ///< its discovery, if there is one, failed ones among them
  std::vector<Event> steps;          ///< what happened lately to its destination and with its peer, the earliest first
  std::vector<std::string> advice;   ///< what would make it work, a sentence each

  bool operator==(const Why&) const = default;
};

/// What a command that acts has done.
struct Done {
  std::string text;        ///< for people: `policy reloaded`
  std::int64_t count = 0;  ///< rules in force, tunnels closed
  /// Of reload: what of the new policy is valid and may not do what was meant. An older tedd does not say.
  std::optional<std::vector<std::string>> remarks{};

  bool operator==(const Done&) const = default;
};

/// The data of a reply: which kind follows from the command. Nothing for `watch`; Done for reload, forget and release.
using Data = std::variant<std::monostate, Status, std::vector<Tunnel>, std::vector<Pending>, std::vector<Peer>,
                          std::vector<Observation>, Counters, std::vector<RuleInfo>, TraceResult, Why, History, Done>;

}  // namespace control
