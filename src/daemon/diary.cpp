#include "daemon/diary.hpp"

#include <algorithm>
#include <iterator>

namespace tedd {

namespace {

bool is_kept(engine::ReportId id) {
  using engine::ReportId;
  switch (id) {
    case ReportId::kResponseRejected:
    case ReportId::kProbeAnswered:
    case ReportId::kProbePassedOn:
    case ReportId::kProbeDropped:
    case ReportId::kPolicyReplaced:
    case ReportId::kTunnelRekeyed: return false;
    default: return true;
  }
}

}  // namespace

void Diary::note(const engine::Report& report, base::Instant now) {
  if (!is_kept(report.id) || (!report.flow && !report.peer)) return;
  Steps& steps = subjects_.touch(report.flow ? report.flow->destination : *report.peer);
  if (steps.size() >= kMaxSteps) steps.pop_front();
  steps.push_back({now, report.id, report.text, report.peer});
}

std::vector<Diary::Step> Diary::about(const base::Address& destination) const {
  std::vector<Step> steps;
  const Steps* host = subjects_.find(destination);
  if (host == nullptr) return steps;
  steps.assign(host->begin(), host->end());
  const auto named =
      std::ranges::find_if(host->rbegin(), host->rend(), [](const Step& step) { return step.peer.has_value(); });
  const Steps* peer = named == host->rend() || *named->peer == destination ? nullptr : subjects_.find(*named->peer);
  if (peer != nullptr) std::ranges::copy(*peer, std::back_inserter(steps));
  std::ranges::stable_sort(steps, {}, &Step::at);
  return steps;
}

}  // namespace tedd
