// What happened, for log, journal and watchers: stable ids, each with a paragraph in docs/events.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "engine/event.hpp"

namespace engine {

enum class ReportId : std::uint8_t {
  kDiscoveryStarted,
  kProbeRepeated,
  kResponseAccepted,
  kResponseKept,
  kResponseRejected,
  kResponseDowngraded,
  kDiscoveryFailed,
  kWouldProtect,
  kNextGateway,
  kHoldDownEnded,
  kTunnelUp,
  kTunnelDown,
  kTunnelRekeyed,
  kTunnelRefused,
  kTunnelUnauthorised,
  kTunnelNarrowed,
  kTunnelAstray,
  kTunnelReplaced,
  kTunnelLost,
  kTunnelMoved,
  kProbeAnswered,
  kProbePassedOn,
  kProbeDropped,
  kBypassOpened,
  kBypassClosed,
  kPolicyReplaced,
};
inline constexpr std::size_t kReportIds = static_cast<std::size_t>(ReportId::kPolicyReplaced) + 1;

/// `TED-DISCOVERY-STARTED` and the like: never changes, never means another thing.
[[nodiscard]] std::string_view name(ReportId id);

struct Report {
  ReportId id{};
  std::string text;                ///< one sentence for people
  std::string rule;                ///< name of the rule; empty when none is concerned
  std::optional<base::Flow> flow;  ///< P, or the probe's P
  std::optional<base::Address> peer;
  std::optional<TunnelId> tunnel{};  ///< the number that it had first, which no rekeying changes
};

}  // namespace engine
