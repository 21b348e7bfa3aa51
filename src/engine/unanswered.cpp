#include "engine/unanswered.hpp"

#include <string_view>

#include "policy/explain.hpp"
#include "policy/near_miss.hpp"

namespace engine {

namespace {

std::string translated(const UnansweredProbe& probe) {
  const std::string came = "it came as " + probe.came_from.text() + " > " + probe.went_to.text();
  if (probe.flow.source == probe.came_from && probe.flow.destination == probe.went_to) {
    return came + ", and its half proxy does not hold that source";
  }
  return came + " and asks for " + probe.flow.source.text() + " > " + probe.flow.destination.text();
}

// Everything is written from our side.
std::string not_ours(const UnansweredProbe& probe, const policy::Snapshot& policy) {
  const base::Flow inbound = probe.flow.mirrored();
  if (const auto match = policy.first_match(inbound)) {
    const policy::Rule& rule = policy.rule(match->rule);
    const bool protects = rule.action == policy::Action::kProtect;
    return "our rule '" + rule.name + "' takes it first and " +
           (protects ? "does not answer probes (respond = false)" : "says " + std::string(policy::name(rule.action)));
  }
  const auto miss = policy::near_miss(policy, inbound);
  if (!miss) return "none of our rules comes close to it";
  return "our rule '" + policy.rule(miss->rule).name + "' would, but for its " + miss->part;
}

std::string detail(const UnansweredProbe& probe, const policy::Snapshot& policy) {
  switch (probe.ruling) {
    case Ruling::kMismatched: return translated(probe);
    case Ruling::kNotOurs: return not_ours(probe, policy);
    default: return probe.fault;
  }
}

}  // namespace

std::string story(const UnansweredProbe& probe, const policy::Snapshot& policy) {
  const RulingRow& row = row_of(probe.ruling);
  const std::string_view words = row.story.empty() ? row.when : row.story;
  const std::string more = detail(probe, policy);
  return std::string(words) + (more.empty() ? "" : ": " + more);
}

}  // namespace engine
