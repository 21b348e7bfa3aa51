#include "config/resolve.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/prefixes.hpp"
#include "config/line_count.hpp"

namespace config {

namespace {

using base::Prefix;

const std::vector<Prefix>& seen_by(const policy::Rule& rule, const Networks& networks) {
  return rule.action == policy::Action::kBypass ? networks.present : networks.held;
}

ConfigError too_many(const Config& config, const std::string& file, const InterfaceUse& use, std::size_t lines) {
  return {file, use.line, use.column,
          "rule '" + config.rules[use.rule].name + "' stands for " + std::to_string(lines) +
              " pairs of prefixes with the networks of " + interfaces_text(config, use.rule) + "; at most " +
              std::to_string(kMaxLines) + " are possible",
          "have fewer routes there, or write prefixes that contain them"};
}

}  // namespace

std::vector<std::string> interface_names(const Config& config) {
  std::set<std::string> names;
  for (const InterfaceUse& use : config.interface_uses) names.insert(use.name);
  return {names.begin(), names.end()};
}

std::vector<Prefix> networks_of(const Config& config, const InterfaceUse& use, const NetworksByName& networks) {
  const auto found = networks.find(use.name);
  if (found == networks.end()) return {};
  return base::without_inner(seen_by(config.rules[use.rule], found->second));
}

base::Result<std::vector<policy::Rule>, std::vector<ConfigError>> resolve(const Config& config, const std::string& file,
                                                                          const NetworksByName& networks) {
  std::vector<policy::Rule> rules = config.rules;
  for (const InterfaceUse& use : config.interface_uses) {
    policy::Rule& rule = rules[use.rule];
    auto& side = use.side == Side::kLocal ? rule.local : rule.remote;
    const auto prefixes = networks_of(config, use, networks);
    side.insert(side.end(), prefixes.begin(), prefixes.end());
  }
  std::vector<ConfigError> errors;
  std::size_t told = rules.size();
  for (const InterfaceUse& use : config.interface_uses) {
    const std::size_t lines = line_count(rules[use.rule]);
    if (lines <= kMaxLines || std::exchange(told, use.rule) == use.rule) continue;
    errors.push_back(too_many(config, file, use, lines));
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return rules;
}

std::vector<policy::Remark> idle_rules(const Config& config, std::span<const policy::Rule> rules) {
  std::vector<policy::Remark> remarks;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string interfaces = interfaces_text(config, i);
    if (interfaces.empty() || line_count(rules[i]) != 0) continue;
    remarks.push_back({policy::RuleIndex{static_cast<std::uint32_t>(i)},
                       "rule '" + rules[i].name + "' matches nothing now: there is no network of " + interfaces +
                           " that goes with its other side; it counts from the moment that there is one"});
  }
  return remarks;
}

std::string interfaces_text(const Config& config, std::size_t rule) {
  std::string text;
  for (const InterfaceUse& use : config.interface_uses) {
    if (use.rule == rule) text += (text.empty() ? "interface:" : ", interface:") + use.name;
  }
  return text;
}

}  // namespace config
