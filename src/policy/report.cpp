#include "policy/report.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

namespace policy {

namespace {

std::optional<RuleIndex> first_cover(const Snapshot& snapshot, const Match& line) {
  std::optional<RuleIndex> by;
  snapshot.visit_overlapping(line.line, line.rule, [&](const Match& earlier) {
    if (earlier.line.covers(line.line)) by = earlier.rule;
    return !by.has_value();
  });
  return by;
}

// Rules of one snapshot and what its lines say about each.
struct Cover {
  bool reachable = false;
  std::set<RuleIndex> by;
};

}  // namespace

std::vector<Shadowed> shadowed_rules(const Snapshot& snapshot) {
  std::vector<Cover> covers(snapshot.rules().size());
  for (const Match& line : snapshot.lines()) {
    Cover& cover = covers[static_cast<std::size_t>(line.rule)];
    if (cover.reachable) continue;
    if (const auto by = first_cover(snapshot, line)) {
      cover.by.insert(*by);
    } else {
      cover.reachable = true;
    }
  }
  std::vector<Shadowed> found;
  for (std::size_t i = 0; i < covers.size(); ++i) {
    if (covers[i].reachable || covers[i].by.empty()) continue;
    found.push_back({RuleIndex{static_cast<std::uint32_t>(i)}, {covers[i].by.begin(), covers[i].by.end()}});
  }
  return found;
}

std::vector<Overlap> overlapping_rules(const Snapshot& snapshot, std::size_t limit) {
  const auto protects = [&](RuleIndex rule) { return snapshot.rule(rule).action == Action::kProtect; };
  std::set<std::pair<RuleIndex, RuleIndex>> pairs;
  for (const Match& line : snapshot.lines()) {
    if (!protects(line.rule)) continue;
    snapshot.visit_overlapping(line.line, line.rule, [&](const Match& earlier) {
      if (protects(earlier.rule)) pairs.emplace(line.rule, earlier.rule);
      return pairs.size() < limit;
    });
    if (pairs.size() >= limit) break;
  }
  std::vector<Overlap> found;
  found.reserve(pairs.size());
  for (const auto& [rule, with] : pairs) found.push_back({rule, with});
  return found;
}

}  // namespace policy
