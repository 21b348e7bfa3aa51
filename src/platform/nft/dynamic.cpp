#include "platform/nft/dynamic.hpp"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "platform/nft/guard.hpp"
#include "platform/nft/match.hpp"

namespace nft {
namespace {

std::string element(const Opening& opening) {
  std::string text = opening.destination.text();
  if (opening.lifetime.count() > 0) text += " timeout " + std::to_string(opening.lifetime.count()) + "s";
  return text;
}

void append_tunnel(std::string& text, const base::Selector& selector, const std::string& name) {
  for (const auto& match : matches(box_of(selector), Direction::kOutbound)) {
    text +=
        "add rule " + std::string(kGuardTable) + " tunnels " + match + "counter accept comment " + quote(name) + "\n";
  }
}

}  // namespace

std::string tunnels_ruleset(std::span<const base::Selector> selectors) {
  std::string text = "flush chain " + std::string(kGuardTable) + " tunnels\n";
  for (const auto& selector : selectors) append_tunnel(text, selector, selector.text());
  return text;
}

std::string tunnels_update(std::span<const base::Selector> standing, std::span<const base::Selector> wanted) {
  std::unordered_set<std::string> gone;
  for (const auto& selector : standing) gone.insert(selector.text());
  std::unordered_set<std::string> seen;
  std::string added;
  for (const auto& selector : wanted) {
    std::string name = selector.text();
    if (!seen.insert(name).second) continue;
    if (gone.erase(name) == 0) append_tunnel(added, selector, name);
  }
  return gone.empty() ? added : tunnels_ruleset(wanted);
}

bool has_remote(const policy::Rule& rule, base::Family family) {
  return std::ranges::any_of(rule.remote, [family](const auto& entry) { return entry.family() == family; });
}

std::string opening_set(std::size_t rule, base::Family family) {
  return (family == base::Family::kV4 ? "open4_" : "open6_") + std::to_string(rule);
}

std::string openings_ruleset(const policy::Snapshot& policy, std::span<const Opening> openings) {
  const std::string table(kGuardTable);
  std::string text;
  for (std::size_t i = 0; i < policy.rules().size(); ++i) {
    for (const base::Family family : {base::Family::kV4, base::Family::kV6}) {
      if (!may_open(policy.rules()[i]) || !has_remote(policy.rules()[i], family)) continue;
      const std::string set = table + " " + opening_set(i, family);
      text += "flush set " + set + "\n";
      for (const auto& opening : openings) {
        if (static_cast<std::size_t>(opening.rule) != i || opening.destination.family() != family) continue;
        text += "add element " + set + " { " + element(opening) + " }\n";
      }
    }
  }
  return text;
}

}  // namespace nft
