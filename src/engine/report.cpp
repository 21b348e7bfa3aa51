#include "engine/report.hpp"

#include <array>

namespace engine {

namespace {

constexpr std::array<std::string_view, 26> kNames = {
    "TED-DISCOVERY-STARTED", "TED-PROBE-REPEATED",      "TED-RESPONSE-ACCEPTED",   "TED-RESPONSE-KEPT",
    "TED-RESPONSE-REJECTED", "TED-RESPONSE-DOWNGRADED", "TED-DISCOVERY-FAILED",    "TED-WOULD-PROTECT",
    "TED-NEXT-GATEWAY",      "TED-HOLD-DOWN-ENDED",     "TED-TUNNEL-UP",           "TED-TUNNEL-DOWN",
    "TED-TUNNEL-REKEYED",    "TED-TUNNEL-REFUSED",      "TED-TUNNEL-UNAUTHORISED", "TED-TUNNEL-NARROWED",
    "TED-TUNNEL-ASTRAY",     "TED-TUNNEL-REPLACED",     "TED-TUNNEL-LOST",         "TED-TUNNEL-MOVED",
    "TED-PROBE-ANSWERED",    "TED-PROBE-PASSED-ON",     "TED-PROBE-DROPPED",       "TED-BYPASS-OPENED",
    "TED-BYPASS-CLOSED",     "TED-POLICY-REPLACED",
};
static_assert(kNames.size() == static_cast<std::size_t>(ReportId::kPolicyReplaced) + 1);

}  // namespace

std::string_view name(ReportId id) {
  return kNames[static_cast<std::size_t>(id)];
}

}  // namespace engine
