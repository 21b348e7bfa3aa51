#include "policy/near_miss.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

namespace policy {

namespace {

// Addresses of rules that are looked at before the search ends without a find.
constexpr std::size_t kMaxLookedAt = 1U << 20;
// So many addresses of a rule are named before the rest is only counted.
constexpr std::size_t kMaxNamed = 4;

bool holds(std::span<const base::MaskedAddress> addresses, const base::Address& address) {
  return std::ranges::any_of(addresses, [&address](const auto& set) { return set.contains(address); });
}

std::string does_not_hold(std::span<const base::MaskedAddress> addresses, const base::Address& address) {
  std::string names;
  for (std::size_t i = 0; i < std::min(addresses.size(), kMaxNamed); ++i) {
    names += (i > 0 ? ", " : "") + addresses[i].text();
  }
  if (addresses.size() > kMaxNamed) names += " and " + std::to_string(addresses.size() - kMaxNamed) + " more";
  const std::string_view verb = addresses.size() == 1 ? " does not hold " : " do not hold ";
  return names + std::string(verb) + address.text();
}

std::string does_not_hold(base::PortRange range, std::uint16_t port) {
  return range.text() + " does not hold " + std::to_string(port);
}

// The one part of the rule that keeps the flow out; nothing when there are several, or none.
std::optional<std::string> only_obstacle(const Rule& rule, const base::Flow& flow) {
  std::optional<std::string> found;
  int obstacles = 0;
  const auto ask = [&](bool fits, const char* part, const auto& values) {
    if (fits || ++obstacles > 1) return;
    found = std::string(part) + ": " + values();
  };
  const bool icmp = base::is_icmp(flow.protocol);
  ask(holds(rule.local, flow.source), "local", [&] { return does_not_hold(rule.local, flow.source); });
  ask(holds(rule.remote, flow.destination), "remote", [&] { return does_not_hold(rule.remote, flow.destination); });
  ask(!rule.protocol || *rule.protocol == flow.protocol, "protocol",
      [&] { return base::text(*rule.protocol) + " is not " + base::text(flow.protocol); });
  ask(rule.local_port.contains(flow.source_port), icmp ? "ICMP type" : "local port",
      [&] { return does_not_hold(rule.local_port, flow.source_port); });
  ask(rule.remote_port.contains(flow.destination_port), icmp ? "ICMP code" : "remote port",
      [&] { return does_not_hold(rule.remote_port, flow.destination_port); });
  return obstacles == 1 ? found : std::nullopt;
}

}  // namespace

std::optional<NearMiss> near_miss(const Snapshot& snapshot, const base::Flow& flow) {
  std::size_t looked_at = 0;
  for (std::uint32_t i = 0; i < snapshot.rules().size() && looked_at < kMaxLookedAt; ++i) {
    const Rule& rule = snapshot.rules()[i];
    looked_at += rule.local.size() + rule.remote.size();
    if (rule.action != Action::kProtect) continue;
    if (auto part = only_obstacle(rule, flow)) return NearMiss{RuleIndex{i}, *std::move(part)};
  }
  return std::nullopt;
}

}  // namespace policy
