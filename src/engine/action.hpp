// What the engine wants done: a closed set of values. The daemon carries them out in order and decides nothing.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/flow.hpp"
#include "base/offer.hpp"
#include "base/selector.hpp"
#include "base/selector_list.hpp"
#include "base/time.hpp"
#include "engine/event.hpp"
#include "engine/report.hpp"
#include "policy/snapshot.hpp"
#include "wire/message.hpp"

namespace engine {

/// Put this IP packet on the wire as it is, past IPsec policy: a probe, a response, or a probe that was not for us.
struct Transmit {
  base::Bytes packet;
  /// What it is counted as, when it answers a probe; see Engine::note_unsent().
  struct Answer {
    bool is_proven = false;
    bool is_draft = false;
  };
  std::optional<Answer> answer{};
};

/// Bring up exactly this tunnel; answer with TunnelUp that carries the cookie, or BringUpFailed.
struct BringUp {
  wire::Cookie cookie{};
  base::Address gateway;  ///< our end
  base::Address peer;
  std::vector<base::Selector> selectors;
  std::string rule;
};

/// End this CHILD_SA; TunnelDown follows.
struct TakeDown {
  TunnelId id{};
  /// The IKE_SA around it goes as well, without waiting for an answer: its peer no longer has it, or may have none.
  bool dead = false;
};

/// What standing tunnels carry changed: the guard lets exactly that into a userspace tunnel, which is what
/// Engine::tunnels() says when this is carried out. No copy is made of it: with many tunnels each change would cost
/// all.
struct CoverChanged {};

/// Put these IP packets on their way as if they came now, in this order, and when all actions before are in force: the
/// tunnels that stand will carry them.
struct Release {
  std::vector<base::Bytes> packets;
};

/// Flows of a rule to one destination that may pass in the clear, because the rule says so and no peer is found.
struct Opening {
  policy::RuleIndex rule{};
  base::Address destination;

  auto operator<=>(const Opening&) const = default;
};

/// The openings in force changed: these and no others.
struct SetOpenings {
  std::vector<Opening> openings;
};

/// A trace ended.
struct TraceDone {
  TraceId id{};
  bool answered = false;
  base::Address gateway{};      ///< who answered
  base::Duration round_trip{};  ///< of the probe that was answered, from its last sending
  unsigned attempts = 0;
  std::optional<base::Selector> proxy{};  ///< what it protects, written from our side; nothing in the draft form
  std::optional<base::MaskedAddress> half_proxy{};  ///< in the draft form what it tells of that: its own side
  std::optional<base::Offer> offer{};               ///< all that it told, when that is a list; written from our side
  std::optional<base::SelectorList> tunnel{};       ///< what a tunnel with it would carry
  std::string proof{};                              ///< how the answer proved who sent it; empty: it did not
  std::string reason{};  ///< why there is no answer, or why no tunnel could come of it; may be empty
};

using Action = std::variant<Transmit, BringUp, TakeDown, CoverChanged, Release, SetOpenings, TraceDone, Report>;

}  // namespace engine
