#include "engine/counters.hpp"

namespace engine {

namespace {

constexpr std::array<std::string_view, kCounterCount> kNames = {
    "flows_caught",
    "flows_not_protected",
    "flows_covered",
    "flows_pending",
    "flows_held_down",
    "flows_silent_prefix",
    "flows_no_discover",
    "flows_no_gateway_address",
    "flows_no_room",
    "flows_share_used",
    "packets_held",
    "packets_released",
    "held_no_room",
    "held_too_long",
    "held_failed",
    "held_expired",
    "discoveries_started",
    "discoveries_failed",
    "discoveries_unanswered",
    "discoveries_disagreed",
    "discoveries_ike_failed",
    "discoveries_yielded",
    "discoveries_evicted",
    "probes_sent",
    "probes_repeated",
    "path_checks",
    "probes_unreachable",
    "unreachable_rejected",
    "probes_received",
    "probes_answered",
    "probes_passed_on",
    "probes_malformed",
    "probes_draft",
    "probes_draft_answered",
    "probes_draft_undecided",
    "probes_mismatched",
    "probes_own",
    "probes_under_way",
    "probes_bad_gateway",
    "probes_no_gateway_address",
    "probes_too_short",
    "probes_expired",
    "rate_limited",
    "responses_received",
    "responses_accepted",
    "responses_draft_accepted",
    "responses_kept",
    "responses_rejected",
    "responses_malformed",
    "responses_unknown_cookie",
    "responses_late",
    "responses_bad_source",
    "responses_bad_gateway",
    "responses_draft",
    "tunnels_up",
    "tunnels_down",
    "tunnels_refused",
    "tunnels_unauthorised",
    "tunnels_narrowed",
    "tunnels_no_room",
    "tunnels_replaced",
    "tunnels_lost",
    "tunnels_moved",
    "tunnels_astray",
    "openings_no_room",
    "illegal_moves",
};
static_assert(!kNames.back().empty());

}  // namespace

std::string_view name(Counter counter) {
  return kNames[static_cast<std::size_t>(counter)];
}

}  // namespace engine
