#include "daemon/history.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/answers.hpp"

namespace tedd {

namespace {

enum class Kind : std::uint8_t { kOthers, kDiscovery, kTunnel };

Kind kind_of(engine::ReportId id) {
  using engine::ReportId;
  switch (id) {
    case ReportId::kResponseRejected:
    case ReportId::kProbeAnswered:
    case ReportId::kProbePassedOn:
    case ReportId::kProbeDropped:
    case ReportId::kPolicyReplaced: return Kind::kOthers;
    case ReportId::kDiscoveryStarted:
    case ReportId::kProbeRepeated:
    case ReportId::kResponseAccepted:
    case ReportId::kResponseKept:
    case ReportId::kResponseDowngraded:
    case ReportId::kDiscoveryFailed:
    case ReportId::kWouldProtect:
    case ReportId::kNextGateway:
    case ReportId::kHoldDownEnded:
    case ReportId::kTunnelNarrowed:
    case ReportId::kBypassOpened:
    case ReportId::kBypassClosed: return Kind::kDiscovery;
    case ReportId::kTunnelUp:
    case ReportId::kTunnelDown:
    case ReportId::kTunnelRekeyed:
    case ReportId::kTunnelRefused:
    case ReportId::kTunnelUnauthorised:
    case ReportId::kTunnelAstray:
    case ReportId::kTunnelReplaced:
    case ReportId::kTunnelLost:
    case ReportId::kTunnelMoved: return Kind::kTunnel;
  }
  return Kind::kOthers;
}

}  // namespace

void History::note(const engine::Report& report, const engine::Tunnels& tunnels, base::Instant now) {
  const Kind kind = kind_of(report.id);
  if (kind == Kind::kOthers) return;
  auto& steps = kind == Kind::kTunnel ? tunnels_ : discoveries_;
  if (steps.size() >= kMaxSteps) steps.pop_front();
  Step step{now, noted_++, report, {}};
  if (report.id == engine::ReportId::kTunnelUp && report.tunnel) {
    // It may be gone again: both are told in one turn.
    if (const engine::Tunnel* tunnel = tunnels.find(*report.tunnel)) step.selectors = tunnel->facts.selectors;
  }
  steps.push_back(std::move(step));
}

control::History History::tell() const {
  std::vector<const Step*> steps;
  steps.reserve(discoveries_.size() + tunnels_.size());
  for (const auto* some : {&discoveries_, &tunnels_}) {
    for (const Step& step : *some) steps.push_back(&step);
  }
  std::ranges::sort(steps, {}, &Step::number);
  control::History history{.forgotten = static_cast<std::int64_t>(noted_ - steps.size()), .happenings = {}};
  history.happenings.reserve(steps.size());
  for (const Step* step : steps) {
    const engine::Report& report = step->report;
    auto& told = history.happenings.emplace_back();
    told.id = name(report.id);
    told.time = wall_clock(step->at);
    told.text = report.text;
    if (!report.rule.empty()) told.rule = report.rule;
    told.flow = report.flow;
    told.peer = report.peer;
    if (report.tunnel) told.tunnel = static_cast<std::int64_t>(*report.tunnel);
    if (!step->selectors.empty()) told.selectors = step->selectors;
  }
  return history;
}

}  // namespace tedd
