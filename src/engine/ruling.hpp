// What becomes of a probe: the responder's table. It has no states, so this is its whole machine (figure 2 of the seed,
// block 212).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "engine/counters.hpp"

namespace engine {

enum class Ruling : std::uint8_t {
  kDraft,
  kMismatched,
  kOwn,
  kNotOurs,
  kObserving,
  kNotAsker,
  kBadGateway,
  kReplayed,
  kUnheard,
  kUnauthorised,
  kTooMany,
  kUnproven,
  kUndecided,
  kComing,
  kNoGatewayAddress,
  kTooShort,
  kAnswered,
};

enum class ProbeEnd : std::uint8_t {
  kTravelsOn,  ///< as it came, its TTL one less
  kDropped,
  kAnswered,
  kAskedBack,  ///< the responder asks for it once more, with its cookie in it
};

/// `when` and `story` are for people; what has no story is not logged, as anybody can send any number of it.
struct RulingRow {
  Ruling ruling;
  ProbeEnd end;
  Counter counter;
  std::string_view when;
  std::string_view story;
};

/// In the order in which they are asked: the first that holds is the ruling.
inline constexpr std::array kRulings = {
    RulingRow{Ruling::kDraft, ProbeEnd::kTravelsOn, Counter::kProbesDraft,
              "it has no packet summary, and our first match of its addresses does not take that (draft = false)", ""},
    RulingRow{Ruling::kMismatched, ProbeEnd::kTravelsOn, Counter::kProbesMismatched,
              "summary and IP header name other hosts; without a summary: the half proxy does not hold its source",
              "a probe travels on: addresses are translated on its way (NAT), and what passes between inside hosts "
              "must be exempt from that"},
    RulingRow{
        Ruling::kOwn, ProbeEnd::kTravelsOn, Counter::kProbesOwn, "the asking gateway is this one",
        "a probe travels on: the gateway that asks names our own address: when it is not ours, one of the two has the "
        "other's address in 'addresses'"},
    RulingRow{Ruling::kNotOurs, ProbeEnd::kTravelsOn, Counter::kProbesPassedOn,
              "the first match of its flow, mirrored, is no protect rule that responds",
              "a probe travels on: no rule of ours answers for its flow"},
    RulingRow{Ruling::kObserving, ProbeEnd::kTravelsOn, Counter::kProbesObserving,
              "this gateway only observes (mode), and the one that asks would bring up a tunnel",
              "a probe travels on: this gateway only observes (mode), and the one that asks would bring up a tunnel"},
    RulingRow{Ruling::kNotAsker, ProbeEnd::kTravelsOn, Counter::kProbesNotAsker,
              "the rule does not answer that gateway (askers)",
              "a probe travels on: the rule does not answer the gateway that asks (askers)"},
    RulingRow{Ruling::kBadGateway, ProbeEnd::kDropped, Counter::kProbesBadGateway,
              "the asking gateway's address cannot be one's",
              "a probe was dropped: the address it wants to be answered at is no gateway's"},
    RulingRow{Ruling::kReplayed, ProbeEnd::kDropped, Counter::kProbesReplayed,
              "it is the copy of one that proved itself", "a probe was dropped: it is the copy of an earlier one"},
    RulingRow{Ruling::kUnheard, ProbeEnd::kAskedBack, Counter::kProbesEchoAsked,
              "more signatures come than are checked, and it can be asked for an echo and has none", ""},
    RulingRow{Ruling::kUnauthorised, ProbeEnd::kTravelsOn, Counter::kProbesUnauthorised,
              "the asking gateway proves who it is, and may not speak for the flow's source",
              "a probe travels on: its gateway may not speak for the source of the flow"},
    RulingRow{Ruling::kTooMany, ProbeEnd::kDropped, Counter::kRateLimited,
              "that gateway, or all together, asked more than is answered", ""},
    RulingRow{Ruling::kUnproven, ProbeEnd::kTravelsOn, Counter::kProbesUnproven,
              "the rule answers only who proves who it is (authenticated, disclose), and it does not",
              "a probe travels on: the rule answers only gateways that prove who they are"},
    RulingRow{Ruling::kUndecided, ProbeEnd::kTravelsOn, Counter::kProbesDraftUndecided,
              "it has no packet summary, and there is no half proxy of ours of which the rule protects every flow with "
              "the asker's",
              "a probe without packet summary travels on: by addresses alone our rule does not protect all that the "
              "half proxies would merge to"},
    RulingRow{Ruling::kComing, ProbeEnd::kDropped, Counter::kProbesUnderWay,
              "the tunnel is being brought up with that gateway since a moment, and it does not read that", ""},
    RulingRow{Ruling::kNoGatewayAddress, ProbeEnd::kDropped, Counter::kProbesNoGatewayAddress,
              "there is no gateway address of the asker's family",
              "a probe was dropped: no gateway address of ours is of the asker's family"},
    RulingRow{Ruling::kTooShort, ProbeEnd::kDropped, Counter::kProbesTooShort, "no response is as short as it",
              "a probe was dropped: no response is as short as it; it needs padding"},
    RulingRow{Ruling::kAnswered, ProbeEnd::kAnswered, Counter::kProbesAnswered, "else", "a probe was answered with …"},
};

[[nodiscard]] constexpr const RulingRow& row_of(Ruling ruling) {
  return kRulings[static_cast<std::size_t>(ruling)];
}
static_assert(std::ranges::is_sorted(kRulings, {}, &RulingRow::ruling) &&
              kRulings.back().ruling == static_cast<Ruling>(kRulings.size() - 1));

/// `travels on`, `is dropped`, `is answered`, `is asked back`
[[nodiscard]] constexpr std::string_view name(ProbeEnd end) {
  switch (end) {
    case ProbeEnd::kTravelsOn: return "travels on";
    case ProbeEnd::kDropped: return "is dropped";
    case ProbeEnd::kAnswered: return "is answered";
    case ProbeEnd::kAskedBack: return "is asked back";
  }
  return "";
}

}  // namespace engine
