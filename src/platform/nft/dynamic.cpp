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

std::string in_table(std::string_view name, Edition edition) {
  return std::string(kGuardTable) + " " + named(name, edition);
}

void append_tunnel(std::string& text, const base::Selector& selector, const std::string& name, Edition edition) {
  for (const auto& match : matches(box_of(selector), Direction::kOutbound)) {
    text += "add rule " + in_table("tunnels", edition) + " " + match + "counter accept comment " + quote(name) + "\n";
  }
}

}  // namespace

std::string tunnels_ruleset(std::span<const base::Selector> selectors, Edition edition) {
  std::string text = "flush chain " + in_table("tunnels", edition) + "\n";
  for (const auto& selector : selectors) append_tunnel(text, selector, selector.text(), edition);
  return text;
}

std::string tunnels_update(std::span<const base::Selector> standing, std::span<const base::Selector> wanted,
                           Edition edition) {
  std::unordered_set<std::string> gone;
  for (const auto& selector : standing) gone.insert(selector.text());
  std::unordered_set<std::string> seen;
  std::string added;
  for (const auto& selector : wanted) {
    std::string name = selector.text();
    if (!seen.insert(name).second) continue;
    if (gone.erase(name) == 0) append_tunnel(added, selector, name, edition);
  }
  return gone.empty() ? added : tunnels_ruleset(wanted, edition);
}

bool has_remote(const policy::Rule& rule, base::Family family) {
  return std::ranges::any_of(rule.remote, [family](const auto& entry) { return entry.family() == family; });
}

std::string opening_set(std::size_t rule, base::Family family) {
  return (family == base::Family::kV4 ? "open4_" : "open6_") + std::to_string(rule);
}

std::string openings_ruleset(const policy::Snapshot& policy, std::span<const Opening> openings, Edition edition) {
  std::string text;
  for (std::size_t i = 0; i < policy.rules().size(); ++i) {
    for (const base::Family family : {base::Family::kV4, base::Family::kV6}) {
      if (!may_open(policy.rules()[i]) || !has_remote(policy.rules()[i], family)) continue;
      const std::string set = in_table(opening_set(i, family), edition);
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
