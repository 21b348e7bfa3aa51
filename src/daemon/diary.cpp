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
  Subject& subject = touch(report.flow ? report.flow->destination : *report.peer);
  if (subject.steps.size() >= kMaxSteps) subject.steps.pop_front();
  subject.steps.push_back({now, report.id, report.text, report.peer});
}

std::vector<Diary::Step> Diary::about(const base::Address& destination) const {
  std::vector<Step> steps;
  const Subject* host = find(destination);
  if (host == nullptr) return steps;
  steps.assign(host->steps.begin(), host->steps.end());
  const auto named = std::ranges::find_if(host->steps.rbegin(), host->steps.rend(),
                                          [](const Step& step) { return step.peer.has_value(); });
  const Subject* peer = named == host->steps.rend() || *named->peer == destination ? nullptr : find(*named->peer);
  if (peer != nullptr) std::ranges::copy(peer->steps, std::back_inserter(steps));
  std::ranges::stable_sort(steps, {}, &Step::at);
  return steps;
}

const Diary::Subject* Diary::find(const base::Address& address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : &*found->second;
}

Diary::Subject& Diary::touch(const base::Address& address) {
  if (const auto found = by_address_.find(address); found != by_address_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return recent_.front();
  }
  if (recent_.size() >= kMaxSubjects) {
    by_address_.erase(recent_.back().address);
    recent_.pop_back();
  }
  recent_.push_front({address, {}});
  by_address_[address] = recent_.begin();
  return recent_.front();
}

}  // namespace tedd
