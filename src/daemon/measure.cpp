#include "daemon/measure.hpp"

#include <chrono>
#include <string_view>
#include <vector>

#include "engine/limits.hpp"

namespace tedd {

namespace {

double seconds_of(control::Timestamp when) {
  return std::chrono::duration<double>(when.time_since_epoch()).count();
}

bool is_failing(engine::State state) {
  return state == engine::State::kHoldingDown || state == engine::State::kResting;
}

/// What is counted for one rule, or for all that share a label.
struct OfRule {
  std::string label;
  std::uint64_t tunnels = 0;
  std::uint64_t pending = 0;
  std::uint64_t failing = 0;
};

/// Which of the labels each rule counts under.
class ByRule {
 public:
  explicit ByRule(const policy::Snapshot& policy) : place_(policy.rules().size(), kNowhere) {
    for (std::size_t i = 0; i < policy.rules().size(); ++i) {
      const policy::Rule& rule = policy.rules()[i];
      if (rule.action != policy::Action::kProtect) continue;
      if (rules_.size() <= kMaxRuleLabels) {
        rules_.push_back({.label = rules_.size() < kMaxRuleLabels ? rule.name : std::string(kOtherRules)});
      }
      place_[i] = rules_.size() - 1;
    }
  }

  /// Null for a rule that protects nothing.
  [[nodiscard]] OfRule* find(policy::RuleIndex rule) {
    const auto index = static_cast<std::size_t>(rule);
    return index < place_.size() && place_[index] != kNowhere ? &rules_[place_[index]] : nullptr;
  }
  [[nodiscard]] const std::vector<OfRule>& all() const { return rules_; }

 private:
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  std::vector<std::size_t> place_;
  std::vector<OfRule> rules_;
};

void add_rules(MetricValues& values, const engine::Engine& engine) {
  ByRule rules(engine.policy());
  for (const auto& [id, tunnel] : engine.tunnels().all()) {
    if (OfRule* rule = rules.find(tunnel.rule)) ++rule->tunnels;
  }
  for (const auto& [id, discovery] : engine.discoveries().all()) {
    OfRule* rule = discovery.trace ? nullptr : rules.find(discovery.rule);
    if (rule != nullptr) ++(is_failing(discovery.state) ? rule->failing : rule->pending);
  }
  for (const OfRule& rule : rules.all()) {
    values.samples.push_back({"opented_rule_tunnels", rule.label, static_cast<double>(rule.tunnels)});
    values.samples.push_back({"opented_rule_discoveries_pending", rule.label, static_cast<double>(rule.pending)});
    values.samples.push_back({"opented_rule_discoveries_failing", rule.label, static_cast<double>(rule.failing)});
  }
}

}  // namespace

MetricValues measure(const engine::Engine& engine, const DiscoveryTimes& times, const control::Counters& counters,
                     const Situation& situation) {
  MetricValues values;
  const auto gauge = [&values](std::string_view name, double value, std::string label = {}) {
    values.samples.push_back({"opented_" + std::string(name), std::move(label), value});
  };
  const auto size = [&gauge](std::string_view name, std::size_t number) { gauge(name, static_cast<double>(number)); };
  gauge("build_info", 1, situation.version);
  gauge("start_time_seconds", seconds_of(situation.started));
  size("charon_connected", situation.charon_connected ? 1 : 0);
  size("observing", engine.settings().observes ? 1 : 0);
  size("guard_in_force", situation.guard_in_force ? 1 : 0);
  size("guard_released", situation.guard_released ? 1 : 0);
  size("interception_in_force", situation.intercepts ? 1 : 0);
  gauge("config_loaded_time_seconds", seconds_of(situation.loaded));
  size("config_reload_successful", situation.reload_refused ? 0 : 1);
  size("rules", engine.policy().rules().size());
  size("tunnels", engine.tunnels().all().size());
  size("tunnels_limit", engine::kMaxTunnels);
  size("discoveries", engine.discoveries().size());
  size("discoveries_limit", engine::kMaxDiscoveries);
  size("openings", situation.openings);
  size("openings_limit", engine::kMaxOpenings);
  size("flowtables", situation.flowtables);
  size("peers", engine.peers().all().size());
  add_rules(values, engine);
  values.histograms = {{"opented_discovery_probe_seconds", times.probe()},
                       {"opented_discovery_ike_seconds", times.ike()},
                       {"opented_discovery_seconds", times.whole()}};
  for (const auto& [name, value] : counters.values) {
    values.samples.push_back({"opented_" + name + "_total", {}, static_cast<double>(value)});
  }
  return values;
}

}  // namespace tedd
