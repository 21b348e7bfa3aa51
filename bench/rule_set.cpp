#include "rule_set.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

namespace bench {

namespace {

using base::PortRange;
using base::Protocol;
using Random = std::mt19937;

std::uint32_t below(Random& random, std::uint32_t end) {
  return std::uniform_int_distribution<std::uint32_t>(0, end - 1)(random);
}

bool chance(Random& random, std::uint32_t percent) {
  return below(random, 100) < percent;
}

// Sites with networks inside them: addresses of real policies are not spread evenly.
class Networks {
 public:
  Networks(Random& random, std::size_t rules) : random_(random) {
    const std::size_t sites = std::clamp<std::size_t>(rules / 20, 4, 4096);
    for (std::size_t i = 0; i < sites; ++i) sites_.push_back(random() & 0xffff0000U);
  }

  base::MaskedAddress draw(std::uint32_t percent_any, Masks masks) {
    if (chance(random_, percent_any)) return base::MaskedAddress::any(base::Family::kV4);
    const std::uint32_t site = sites_[below(random_, static_cast<std::uint32_t>(sites_.size()))];
    const auto inside = static_cast<std::uint32_t>(random_()) & 0xffffU;
    const auto address = base::Address::v4(site | inside);
    if (masks == Masks::kAnyShape && chance(random_, 25)) {
      return {address, chance(random_, 50) ? 0xff0000ffU : 0xffff00ffU};
    }
    return base::Prefix(address, length());
  }

 private:
  unsigned length() {
    const std::uint32_t draw = below(random_, 100);
    if (draw < 5) return 8 + below(random_, 8);
    if (draw < 15) return 16;
    if (draw < 30) return 17 + below(random_, 7);
    if (draw < 60) return 24;
    if (draw < 75) return 25 + below(random_, 7);
    return 32;
  }

  Random& random_;
  std::vector<std::uint32_t> sites_;
};

PortRange destination_ports(Random& random) {
  constexpr std::array<std::uint16_t, 16> kKnown = {80,  443, 53,  22,  25,   110,  143,  161,
                                                    123, 389, 445, 993, 1433, 3306, 5432, 8080};
  const std::uint32_t draw = below(random, 100);
  if (draw < 50) return PortRange::only(kKnown[below(random, kKnown.size())]);
  if (draw < 60) return PortRange::only(static_cast<std::uint16_t>(1024 + below(random, 60000)));
  if (draw < 68) return {1024, 65535};
  if (draw < 76) {
    const auto lo = static_cast<std::uint16_t>(1 + below(random, 60000));
    return {lo, static_cast<std::uint16_t>(lo + below(random, 5000))};
  }
  return PortRange::any();
}

base::Address inside(Random& random, const base::MaskedAddress& set) {
  const auto loose = static_cast<std::uint32_t>(random()) & ~static_cast<std::uint32_t>(set.mask());
  return base::Address::v4(static_cast<std::uint32_t>(set.address().value()) | loose);
}

std::uint16_t inside(Random& random, PortRange range) {
  return static_cast<std::uint16_t>(range.lo + below(random, static_cast<std::uint32_t>(range.hi - range.lo) + 1));
}

// As people do, or the wide ones would hide the others; with exceptions, as people make.
void put_wide_rules_last(std::vector<policy::Rule>& rules, Random& random) {
  const auto bits = [](const base::MaskedAddress& set) {
    return std::popcount(static_cast<std::uint32_t>(set.mask()));
  };
  const auto port_bits = [](PortRange range) { return range.is_any() ? 0 : range.is_single() ? 16 : 4; };
  std::vector<std::pair<int, std::size_t>> order;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const policy::Rule& rule = rules[i];
    const int named = bits(rule.local.front()) + bits(rule.remote.front()) + (rule.protocol ? 8 : 0) +
                      port_bits(rule.local_port) + port_bits(rule.remote_port);
    order.emplace_back(static_cast<int>(below(random, 24)) - named, i);
  }
  std::ranges::sort(order);
  std::vector<policy::Rule> sorted;
  sorted.reserve(rules.size());
  for (const auto& [unused, i] : order) sorted.push_back(std::move(rules[i]));
  rules = std::move(sorted);
}

}  // namespace

std::vector<policy::Rule> make_rules(std::size_t count, Masks masks, std::uint32_t seed) {
  Random random(seed);
  Networks networks(random, count);
  std::vector<policy::Rule> rules(count);
  for (std::size_t i = 0; i < count; ++i) {
    policy::Rule& rule = rules[i];
    rule.name = "rule-" + std::to_string(i);
    rule.action = chance(random, 80) ? policy::Action::kProtect : policy::Action::kBypass;
    rule.local = {networks.draw(15, masks)};
    rule.remote = {networks.draw(5, masks)};
    const std::uint32_t protocol = below(random, 100);
    if (protocol < 10) continue;
    rule.protocol = protocol < 70 ? Protocol::kTcp : protocol < 95 ? Protocol::kUdp : Protocol::kIcmp;
    if (protocol >= 95) continue;
    if (chance(random, 10)) rule.local_port = {1024, 65535};
    rule.remote_port = destination_ports(random);
  }
  put_wide_rules_last(rules, random);
  return rules;
}

std::vector<base::Flow> make_flows(const std::vector<policy::Rule>& rules, std::size_t count, std::uint32_t seed) {
  Random random(seed);
  std::vector<base::Flow> flows(count);
  for (base::Flow& flow : flows) {
    const policy::Rule& rule = rules[below(random, static_cast<std::uint32_t>(rules.size()))];
    const auto any = base::MaskedAddress::any(base::Family::kV4);
    const bool hit = chance(random, 90);
    flow.source = inside(random, hit ? rule.local.front() : any);
    flow.destination = inside(random, hit ? rule.remote.front() : any);
    flow.protocol = rule.protocol.value_or(Protocol::kTcp);
    if (!has_ports(flow.protocol)) continue;
    flow.source_port = inside(random, rule.local_port);
    flow.destination_port = inside(random, rule.remote_port);
  }
  return flows;
}

}  // namespace bench
