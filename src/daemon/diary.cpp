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

std::vector<Diary::Step> told_once(const std::vector<Diary::Step>& steps) {
  std::vector<Diary::Step> told;
  std::vector<std::size_t> times;
  for (const Diary::Step& step : steps) {
    const auto same = std::ranges::find_if(
        told, [&](const auto& one) { return one.id == step.id && one.text == step.text && one.peer == step.peer; });
    const auto at = same - told.begin();
    std::size_t before = 0;
    if (same != told.end()) {
      before = times[static_cast<std::size_t>(at)];
      told.erase(same);
      times.erase(times.begin() + at);
    }
    told.push_back(step);
    times.push_back(before + 1);
  }
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (times[i] > 1) told[i].text += " (" + std::to_string(times[i]) + " times lately)";
  }
  return told;
}

}  // namespace tedd
