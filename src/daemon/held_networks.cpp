#include "daemon/held_networks.hpp"

#include <algorithm>
#include <iterator>

namespace tedd {

namespace {

/// As many lines as a rule may have: with more it is refused all the same.
constexpr std::size_t kMaxMissed = rtnl::kMaxNetworks;

/// More names tell a person nothing more.
constexpr std::size_t kMaxTold = 8;

std::vector<base::Prefix> without(std::vector<base::Prefix> all, std::vector<base::Prefix> others) {
  std::ranges::sort(all);
  std::ranges::sort(others);
  std::vector<base::Prefix> rest;
  std::ranges::set_difference(all, others, std::back_inserter(rest));
  return rest;
}

/// `10.5.0.0/16, 10.6.0.0/16 and 3 more came`; empty for none.
std::string told(const std::vector<base::Prefix>& prefixes, const char* what) {
  std::string text;
  for (std::size_t i = 0; i < std::min(prefixes.size(), kMaxTold); ++i) {
    text += (i == 0 ? "" : ", ") + prefixes[i].text();
  }
  if (prefixes.size() > kMaxTold) text += " and " + std::to_string(prefixes.size() - kMaxTold) + " more";
  return text.empty() ? text : text + " " + what;
}

}  // namespace

HeldNetworks::HeldNetworks(std::span<const std::string> names) {
  for (const std::string& name : names) held_[name] = {};
}

void HeldNetworks::recall(const config::NetworksByName& before) {
  for (auto& [name, held] : held_) {
    const auto found = before.find(name);
    if (found == before.end()) continue;
    for (const base::Prefix& prefix : found->second.held) {
      if (held.missed.size() < kMaxMissed) held.missed.emplace(prefix, std::nullopt);
    }
  }
}

void HeldNetworks::observe(const std::map<std::string, rtnl::Interface, std::less<>>& seen, base::Instant now) {
  for (auto& [name, held] : held_) {
    const auto found = seen.find(name);
    held.observe(found == seen.end() ? rtnl::Interface{} : found->second, now);
  }
}

void HeldNetworks::Held::observe(const rtnl::Interface& seen, base::Instant now) {
  for (const base::Prefix& prefix : without(std::exchange(present, seen.networks), seen.networks)) {
    if (missed.size() < kMaxMissed) missed.emplace(prefix, std::nullopt);
  }
  for (const base::Prefix& prefix : present) missed.erase(prefix);
  stands = seen.up && !present.empty();
  for (auto& [prefix, until] : missed) {
    if (!stands) {
      until.reset();
    } else if (!until) {
      until = now + kHold;
    }
  }
}

void HeldNetworks::expire(base::Instant now) {
  for (auto& [name, held] : held_) {
    std::erase_if(held.missed, [now](const auto& one) { return one.second && *one.second <= now; });
  }
}

std::optional<base::Instant> HeldNetworks::next_deadline() const {
  std::optional<base::Instant> next;
  for (const auto& [name, held] : held_) {
    for (const auto& [prefix, until] : held.missed) {
      if (until && (!next || *until < *next)) next = until;
    }
  }
  return next;
}

std::vector<std::string> HeldNetworks::names() const {
  std::vector<std::string> all;
  all.reserve(held_.size());
  for (const auto& [name, held] : held_) all.push_back(name);
  return all;
}

config::NetworksByName HeldNetworks::networks() const {
  config::NetworksByName all;
  for (const auto& [name, held] : held_) {
    config::Networks& networks = all[name];
    if (held.stands) networks.present = held.present;
    networks.held = held.present;
    for (const auto& [prefix, until] : held.missed) networks.held.push_back(prefix);
  }
  return all;
}

std::vector<std::string> HeldNetworks::lost() const {
  std::vector<std::string> all;
  for (const auto& [name, held] : held_) {
    if (!held.stands) all.push_back(name);
  }
  return all;
}

std::string difference(const config::NetworksByName& before, const config::NetworksByName& after) {
  std::string text;
  for (const auto& [name, networks] : after) {
    const auto found = before.find(name);
    const config::Networks old = found == before.end() ? config::Networks{} : found->second;
    std::string words = told(without(networks.held, old.held), "came");
    const std::string gone = told(without(old.held, networks.held), "went");
    words += (words.empty() || gone.empty() ? "" : ", ") + gone;
    if (words.empty() && networks.present != old.present) words = "changed for rules that let pass";
    if (!words.empty()) text += (text.empty() ? "" : "; ") + name + ": " + words;
  }
  return text;
}

}  // namespace tedd
