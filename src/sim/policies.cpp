#include "sim/policies.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sim {

namespace {

constexpr std::array<std::uint16_t, 4> kServices = {53, 80, 443, 8443};

policy::Rule rule_of(policy::Action action, const base::MaskedAddress& local, const base::MaskedAddress& remote) {
  policy::Rule rule;
  rule.action = action;
  rule.local = {local};
  rule.remote = {remote};
  return rule;
}

// One of the two halves, four quarters, … of the prefix, at most `deepest` bits longer, never beyond one host.
base::Prefix part_of(const base::Prefix& whole, unsigned deepest, SeededRandom& random) {
  const unsigned room = std::min(deepest, base::width(whole.family()) - whole.length());
  const auto longer = static_cast<unsigned>(random.jitter(room + 1));
  const unsigned length = whole.length() + longer;
  const base::Uint128 which = random.jitter(std::uint64_t{1} << longer);
  const base::Address network(whole.family(),
                              whole.network().value() | which << (base::width(whole.family()) - length));
  return {network, length};
}

void limit_to_service(policy::Rule& rule, SeededRandom& random) {
  rule.protocol = random.jitter(2) == 0 ? base::Protocol::kTcp : base::Protocol::kUdp;
  const std::uint16_t port = kServices[random.jitter(kServices.size())];
  const auto shape = random.jitter(4);
  if (shape == 0) rule.remote_port = base::PortRange::only(port);
  if (shape == 1) rule.local_port = base::PortRange::only(port);
  if (shape == 2) rule.remote_port = {static_cast<std::uint16_t>(port - 13), static_cast<std::uint16_t>(port + 99)};
}

// The own prefix to everything, and what one gateway in five has beside it.
std::vector<policy::Rule> mesh_rules(const base::Prefix& own, const base::Prefix& all, SeededRandom& random) {
  std::vector<policy::Rule> rules;
  policy::Rule protect = rule_of(policy::Action::kProtect, own, all);
  switch (random.jitter(20)) {
    case 0: rules.push_back(rule_of(policy::Action::kBypass, part_of(own, 2, random), all)); break;
    case 1:
      rules.push_back(rule_of(policy::Action::kBlock, own, all));
      rules.back().protocol = base::Protocol::kUdp;
      rules.back().remote_port = base::PortRange::only(kServices[0]);
      break;
    case 2: protect.protocol = base::Protocol::kTcp; break;
    case 3:
      rules.push_back(rule_of(policy::Action::kProtect, own, all));
      limit_to_service(rules.back(), random);
      break;
    default: break;
  }
  rules.push_back(std::move(protect));
  return rules;
}

// Of all hosts every fourth: a mask with holes, which is rare, and dear to compute with.
base::MaskedAddress every_fourth(const base::Prefix& all, SeededRandom& random) {
  return {base::Address(all.family(), all.network().value() | random.jitter(4)),
          base::prefix_mask(all.family(), all.length()) | 3};
}

base::MaskedAddress random_remote(const Topology& topology, SeededRandom& random) {
  const base::Prefix all = topology.everything();
  const base::Prefix other = topology.prefix(static_cast<Site>(random.jitter(topology.sites())));
  if (random.jitter(30) == 0) return every_fourth(all, random);
  switch (random.jitter(5)) {
    case 0: return other;
    case 1: return part_of(other, 4, random);
    default: return all;
  }
}

policy::Rule random_rule(const base::Prefix& own, const Topology& topology, SeededRandom& random) {
  static constexpr std::array kActions = {policy::Action::kProtect, policy::Action::kProtect, policy::Action::kProtect,
                                          policy::Action::kBypass,  policy::Action::kBypass,  policy::Action::kBlock};
  policy::Rule rule =
      rule_of(kActions[random.jitter(kActions.size())], part_of(own, 4, random), random_remote(topology, random));
  if (random.jitter(4) == 0) rule.local.emplace_back(part_of(own, 4, random));
  if (random.jitter(4) == 0) rule.remote.push_back(random_remote(topology, random));
  if (random.jitter(3) == 0) limit_to_service(rule, random);
  rule.discover = random.jitter(10) != 0;
  rule.respond = random.jitter(10) != 0;
  if (random.jitter(6) == 0) rule.on_failure = policy::OnFailure::kBypass;
  return rule;
}

std::vector<policy::Rule> random_rules(const base::Prefix& own, const Topology& topology, SeededRandom& random) {
  std::vector<policy::Rule> rules;
  for (auto left = random.jitter(5); left > 0; --left) rules.push_back(random_rule(own, topology, random));
  if (random.jitter(5) != 0) rules.push_back(rule_of(policy::Action::kProtect, own, topology.everything()));
  return rules;
}

}  // namespace

std::shared_ptr<const policy::Snapshot> make_policy(const Options& options, const Topology& topology,
                                                    GatewayIndex gateway, SeededRandom& random) {
  const PolicyKind kind = options.policies;
  const base::Prefix own = topology.prefix(topology.home(gateway));
  std::vector<policy::Rule> rules;
  if (kind == PolicyKind::kRandom) {
    rules = random_rules(own, topology, random);
  } else if (topology.role(gateway) != Role::kTransit) {  // in a mesh a gateway in the path protects nothing
    rules = kind == PolicyKind::kMesh ? mesh_rules(own, topology.everything(), random)
                                      : std::vector{rule_of(policy::Action::kProtect, own, topology.everything())};
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i].name = "rule-" + std::to_string(i + 1);
    rules[i].authenticated = options.proofs != Proofs::kNone;
  }
  return std::make_shared<const policy::Snapshot>(std::move(rules));
}

}  // namespace sim
