#include "cli/load_policy.hpp"

#include <algorithm>

#include "cli/output.hpp"
#include "config/interface_name.hpp"
#include "config/resolve.hpp"

namespace cli {

namespace {

std::vector<config::ConfigError> not_given(const config::Config& config, const std::string& file,
                                           const GivenInterfaces& interfaces, std::string_view option) {
  std::vector<config::ConfigError> errors;
  for (const config::InterfaceUse& use : config.interface_uses) {
    if (interfaces.contains(use.name)) continue;
    errors.push_back({file, use.line, use.column,
                      "what interface:" + use.name + " stands for is known where tedd runs, not to this file",
                      "say it: " + std::string(option) + " " + use.name +
                          "=10.1.0.0/16,2001:db8:1::/48; there, 'tedctl rules' shows it"});
  }
  return errors;
}

config::NetworksByName as_seen(const GivenInterfaces& interfaces) {
  config::NetworksByName networks;
  for (const auto& [name, prefixes] : interfaces) networks[name] = {prefixes, prefixes};
  return networks;
}

}  // namespace

base::Result<void, base::TextError> add_interface(std::string_view text, GivenInterfaces& interfaces) {
  const auto equals = std::min(text.find('='), text.size());
  const std::string name(text.substr(0, equals));
  if (equals == text.size() || !config::is_interface_pattern(name)) {
    return std::unexpected(
        base::TextError{"'" + std::string(text) + "' is not NAME=PREFIX[,PREFIX...]", "lan0=10.1.0.0/16,10.5.0.0/16"});
  }
  std::vector<base::Prefix> prefixes;
  for (std::string_view rest = text.substr(equals + 1); !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    TED_TRY(const base::Prefix prefix, base::Prefix::parse(rest.substr(0, comma)));
    prefixes.push_back(prefix);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  auto& all = interfaces[name];
  all.insert(all.end(), prefixes.begin(), prefixes.end());
  return {};
}

base::Result<LoadedRules, std::vector<config::ConfigError>> load_rules(const std::string& file,
                                                                       const GivenInterfaces& interfaces,
                                                                       std::string_view option) {
  TED_TRY(const config::Config config, config::load(file));
  if (auto errors = not_given(config, file, interfaces, option); !errors.empty()) {
    return std::unexpected(std::move(errors));
  }
  TED_TRY(auto rules, config::resolve(config, file, as_seen(interfaces)));
  auto idle = config::idle_rules(config, rules);
  return LoadedRules{std::move(rules), std::move(idle), config.ike, config.gateway, config.discovery};
}

std::optional<policy::Snapshot> load_policy(const std::string& file, const GivenInterfaces& interfaces,
                                            std::string_view option) {
  auto loaded = load_rules(file, interfaces, option);
  if (loaded) return policy::Snapshot(std::move(loaded->rules));
  for (const auto& error : loaded.error()) remark(error.text());
  return std::nullopt;
}

}  // namespace cli
