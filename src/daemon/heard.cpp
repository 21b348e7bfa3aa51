#include "daemon/heard.hpp"

#include <iterator>
#include <utility>

#include "daemon/answers.hpp"
#include "daemon/span_text.hpp"
#include "daemon/ways_out.hpp"

namespace tedd {

Heard::Heard(const engine::Engine& engine, const base::Flow& flow, base::Instant now)
    : engine_(engine), flow_(flow), now_(now), probe_(engine.unanswered().about(flow)) {
  if (probe_ != nullptr) story_ = engine::story(*probe_, engine.policy());
}

std::optional<control::Event> Heard::step() const {
  if (probe_ == nullptr) return std::nullopt;
  const bool passed = engine::row_of(probe_->ruling).end == engine::ProbeEnd::kTravelsOn;
  control::Event event{std::string(name(passed ? engine::ReportId::kProbePassedOn : engine::ReportId::kProbeDropped)),
                       wall_clock(probe_->at),
                       story_,
                       {}};
  event.fields.emplace_back("peer", probe_->gateway.text());
  return event;
}

std::vector<std::string> Heard::unanswered() const {
  if (probe_ == nullptr) return {};
  const std::string times = probe_->times > 1 ? ", the last of " + std::to_string(probe_->times) : "";
  std::vector<std::string> told{"a probe of gateway " + probe_->gateway.text() + " for " + probe_->flow.text() +
                                " came " + seconds(now_ - probe_->at) + " ago" + times +
                                ", and was not answered: " + story_};
  if (auto way = way_out(*probe_); !way.empty()) told.push_back(std::move(way));
  return told;
}

std::vector<std::string> Heard::all() const {
  std::vector<std::string> told;
  if (const auto answered = engine_.asked().answered(flow_)) {
    told.push_back("a probe of gateway " + answered->first.text() + " for it was answered " +
                   seconds(now_ - answered->second) +
                   " ago: when that gateway says that nobody answers, the answer is lost on its way: UDP port 500 must "
                   "pass from here to " +
                   answered->first.text());
  }
  std::ranges::move(unanswered(), std::back_inserter(told));
  if (told.empty()) {
    told.push_back("no probe of another gateway for it came here: when one says that it asks, UDP port 500 from " +
                   flow_.destination.text() + " to " + flow_.source.text() +
                   " does not pass some firewall on the way to this gateway, or comes in at an interface that "
                   "'interfaces' does not name");
  }
  return told;
}

}  // namespace tedd
