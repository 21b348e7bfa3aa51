#include "daemon/discovery_times.hpp"

#include <algorithm>
#include <tuple>

namespace tedd {

bool DiscoveryTimes::Order::operator()(const base::Flow& one, const base::Flow& other) const {
  const auto key = [](const base::Flow& flow) {
    return std::tie(flow.destination, flow.source, flow.protocol, flow.source_port, flow.destination_port);
  };
  return key(one) < key(other);
}

void DiscoveryTimes::note(const engine::Report& report, const engine::Peers& peers, base::Instant now) {
  if (report.id == engine::ReportId::kPolicyReplaced) {
    started_.clear();  // the engine begins anew
    return;
  }
  if (!report.flow || report.rule.empty()) return;  // a trace's
  switch (report.id) {
    case engine::ReportId::kDiscoveryStarted:
      if (started_.size() < kMaxUnderWay || started_.contains(*report.flow)) {
        started_[*report.flow] = {now, {}};
      } else {
        ++unmeasured_;
      }
      return;
    case engine::ReportId::kResponseAccepted: {
      if (!report.peer) return;
      if (const auto start = started_.find(*report.flow); start != started_.end()) start->second.peer = report.peer;
      const engine::Peer* const peer = peers.find(*report.peer);
      if (peer != nullptr && peer->round_trip) probe_.observe(*peer->round_trip);
      return;
    }
    case engine::ReportId::kDiscoveryFailed: started_.erase(*report.flow); return;
    default: return;
  }
}

// A second request under the same cookie goes to another gateway, since the first one failed: its own time counts.
void DiscoveryTimes::asked(const wire::Cookie& cookie, base::Instant now) {
  while (!by_age_.empty() && (by_age_.size() >= kMaxUnderWay || now - by_age_.front().first > kForgotten)) {
    const auto [at, old] = by_age_.front();
    by_age_.pop_front();
    const auto found = asked_.find(old);
    if (found == asked_.end() || found->second != at) continue;
    if (now - at <= kForgotten) ++unmeasured_;
    asked_.erase(found);
  }
  asked_[cookie] = now;
  by_age_.emplace_back(now, cookie);
}

void DiscoveryTimes::up(const engine::TunnelUp& tunnel, base::Instant now) {
  if (const auto found = tunnel.cookie ? asked_.find(*tunnel.cookie) : asked_.end(); found != asked_.end()) {
    ike_.observe(now - found->second);
    asked_.erase(found);
  }
  std::erase_if(started_, [&](const auto& each) {
    const bool is_carried = std::ranges::any_of(
        tunnel.selectors, [&each](const base::Selector& selector) { return selector.contains(each.first); });
    if (is_carried) whole_.observe(now - each.second.at);
    return is_carried;
  });
}

void DiscoveryTimes::forget(const base::Address& peer) {
  std::erase_if(started_, [&peer](const auto& each) { return each.second.peer == peer; });
}

}  // namespace tedd
