// One discovery: the initiator's state machine (figure 2 of the seed, blocks 208 to 218), its table of legal moves, and
// what is remembered while it runs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/flow.hpp"
#include "base/offer.hpp"
#include "base/selector.hpp"
#include "base/selector_list.hpp"
#include "base/time.hpp"
#include "engine/deadlines.hpp"
#include "engine/event.hpp"
#include "engine/form.hpp"
#include "policy/agree.hpp"
#include "policy/carve.hpp"
#include "policy/snapshot.hpp"
#include "wire/message.hpp"

namespace engine {

enum class State : std::uint8_t {
  kIdle,         ///< nothing sent yet
  kProbing,      ///< a probe is out
  kNegotiating,  ///< strongSwan was asked for the tunnel
  kYielding,     ///< agreed, and another is about to bring that tunnel up: the peer, or a discovery of our own
  kHoldingDown,  ///< failed; no probe until the hold-down ends
  kResting,      ///< the hold-down is over; the failure is remembered for a while
  kFinished,     ///< forgotten in the same call
};

enum class Cue : std::uint8_t {
  kCaught,      ///< a packet of the flow, or a trace, asks for a probe
  kRepeat,      ///< no answer in time, attempts left
  kUnanswered,  ///< no answer in time, none left
  kAgreed,      ///< a gateway answered, the policies meet, P is inside: it is ours to bring the tunnel up
  kYielded,     ///< the same, and it is another's to bring the tunnel up
  kObserved,    ///< the same, and this gateway only observes
  kDisagreed,   ///< a gateway answered, and there is nothing to agree on
  kTraced,      ///< a trace has its answer, or none
  kTunnelUp,
  kFailed,     ///< strongSwan said no, or nothing in time; or had for that tunnel a moment ago
  kReleased,   ///< the hold-down is over
  kNext,       ///< strongSwan said no, and another gateway answered as well
  kForgotten,  ///< rested long enough, or its peer is to be forgotten
};

inline constexpr std::size_t kStateCount = 7;
inline constexpr std::size_t kCueCount = 13;

/// One legal move. `story` is the sentence of the log.
struct Move {
  State from;
  Cue cue;
  State to;
  std::string_view story;
};

/// Every legal move; a pair that is not here is counted and changes nothing.
inline constexpr std::array kMoves = {
    Move{State::kIdle, Cue::kCaught, State::kProbing,
         "a packet needs protection and no tunnel carries it: probing its path"},
    Move{State::kProbing, Cue::kRepeat, State::kProbing, "no answer yet: probing again"},
    Move{State::kProbing, Cue::kUnanswered, State::kHoldingDown, "no gateway answered"},
    Move{State::kProbing, Cue::kAgreed, State::kNegotiating,
         "a gateway answered and the policies meet: asking strongSwan for the tunnel"},
    Move{State::kProbing, Cue::kYielded, State::kYielding,
         "a gateway answered and the policies meet: the tunnel is already being brought up"},
    Move{State::kProbing, Cue::kObserved, State::kFinished,
         "a gateway answered and the policies meet: a tunnel would protect the flow"},
    Move{State::kProbing, Cue::kDisagreed, State::kHoldingDown, "a gateway answered, but the policies do not meet"},
    Move{State::kProbing, Cue::kFailed, State::kHoldingDown,
         "a gateway answered, and strongSwan did not bring that tunnel up a moment ago"},
    Move{State::kProbing, Cue::kTraced, State::kFinished, "the trace has ended"},
    Move{State::kProbing, Cue::kTunnelUp, State::kFinished, "the other end was quicker: its tunnel stands"},
    Move{State::kNegotiating, Cue::kTunnelUp, State::kFinished, "the tunnel stands"},
    Move{State::kNegotiating, Cue::kFailed, State::kHoldingDown, "strongSwan did not bring the tunnel up"},
    Move{State::kYielding, Cue::kTunnelUp, State::kFinished, "the tunnel stands that was waited for"},
    Move{State::kYielding, Cue::kAgreed, State::kNegotiating,
         "the tunnel that was waited for did not come: asking strongSwan for it"},
    Move{State::kYielding, Cue::kYielded, State::kYielding, "another discovery asks for the same tunnel"},
    Move{State::kYielding, Cue::kRepeat, State::kProbing,
         "the tunnel that was waited for did not come yet: probing again"},
    Move{State::kYielding, Cue::kFailed, State::kHoldingDown, "the tunnel that was waited for did not come up"},
    Move{State::kYielding, Cue::kForgotten, State::kFinished, "its peer was forgotten"},
    Move{State::kNegotiating, Cue::kNext, State::kNegotiating,
         "strongSwan did not bring the tunnel up: trying the next gateway that answered"},
    Move{State::kNegotiating, Cue::kForgotten, State::kFinished, "its peer was forgotten"},
    Move{State::kHoldingDown, Cue::kForgotten, State::kFinished, "its peer was forgotten"},
    Move{State::kHoldingDown, Cue::kReleased, State::kResting, "the hold-down is over: the next packet probes again"},
    Move{State::kHoldingDown, Cue::kTunnelUp, State::kFinished, "the tunnel stands, later than waited for"},
    Move{State::kResting, Cue::kCaught, State::kProbing,
         "a packet needs protection after a failure: probing its path anew"},
    Move{State::kResting, Cue::kTunnelUp, State::kFinished, "the tunnel stands, later than waited for"},
    Move{State::kResting, Cue::kForgotten, State::kFinished, "no packet asked again, or its peer was forgotten"},
};

/// The legal move for the pair, or null.
[[nodiscard]] const Move* find_move(State state, Cue cue);

/// `idle`, `probing`, `negotiating`, `yielding`, `holding_down`, `resting`, `finished`
[[nodiscard]] std::string_view name(State state);
[[nodiscard]] std::string_view name(Cue cue);

enum class DiscoveryId : std::uint64_t {};

/// Another gateway that answered the same probe: tried when the first one fails.
struct Alternate {
  base::Address peer;
  base::Offer theirs;  ///< written from our side
  policy::DataPlane plane{};
  policy::Candour candour{};
  bool is_coming = false;  ///< it says that it is bringing the tunnel up itself
  bool is_signed = false;  ///< that took room of what it tells
  bool observes = false;   ///< it says that it brings up no tunnel, either
  /// In the draft form its half proxy, which is all that it tells: there are no `theirs` then.
  std::optional<base::MaskedAddress> half{};
  /// Where strongSwan does ESP in userspace, for people: `here`, `at 192.0.2.2`, `at both ends`; empty: nowhere, as far
  /// as is known.
  std::string userspace{};

  [[nodiscard]] Form form() const { return half ? Form::kDraft : Form::kVersion3; }
  /// For people: what it answered with.
  [[nodiscard]] std::string text() const {
    return half ? "the half proxy " + half->text() + " of the draft form" : theirs.proxy.text();
  }
};

/// What came back where no answer did; a later one is worth more.
enum class Hint : std::uint8_t {
  kNone,
  kUnreachable,  ///< an ICMP error
  kDoubted,      ///< a response that is not believed
};

/// What one discovery remembers. Its state is assigned by Discoveries::advance alone. With what finds it a pending one
/// takes at most 512 bytes, so what few of them have stands apart.
struct Discovery {
  DiscoveryId id{};
  std::uint32_t place = kNoPlace;  ///< among the deadlines
  State state = State::kIdle;
  base::Flow flow;                      ///< P
  policy::RuleIndex rule{};             ///< our rule for P
  std::unique_ptr<base::Flow> waiting;  ///< another flow to the same destination: its turn when P's probes failed
  std::optional<TraceId> trace;         ///< a trace ends with its answer
  wire::Cookie cookie{};                ///< of the last probe sent; new for each attempt at discovery
  base::Address gateway;                ///< our address in that probe
  unsigned attempts = 0;                ///< probes sent since the last hold-down
  unsigned echoes = 0;                  ///< of the last of them with somebody's cookie, at most kMaxEchoes
  unsigned failures = 0;                ///< in a row
  unsigned yields = 0;                  ///< in a row, to whoever else may bring the tunnel up
  base::Instant last_sent{};
  base::Instant deadline{};
  base::Address peer;  ///< who answered
  /// What strongSwan was asked for, or will be; while probing: what it did not bring up a moment ago.
  std::unique_ptr<base::SelectorList> agreed;
  std::vector<Alternate> alternates;  ///< at most kMaxAlternates, in the order in which they came
  bool silent = false;                ///< nobody answered last time: counted in SilentPrefixes
  Hint hint{};                        ///< what is known while nobody answers: `reason`
  bool disagreed = false;             ///< somebody answered in vain; who else does has a moment to
  Form form{};                        ///< of the answer that `agreed` came of
  std::string reason;                 ///< of the last failure
};

}  // namespace engine
