#include "policy/report.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "policy/cover.hpp"

namespace policy {

namespace {

// Flows of a line that are tried before its neighbours are looked for: most rules are reached by one of the first.
constexpr int kTries = 24;
// IPv6 lines are compared one at a time, IPv4 lines so many at once.
constexpr std::size_t kSideBySide = 16;

using Random = std::mt19937_64;

// `visit(line)` for each line of the rule until it returns false; false then.
template <class Visit>
bool for_each_line(const Rule& rule, Visit visit) {
  for (const auto& local : rule.local) {
    for (const auto& remote : rule.remote) {
      if (local.family() != remote.family()) continue;
      if (!visit(base::Selector{rule.protocol, local, remote, rule.local_port, rule.remote_port})) return false;
    }
  }
  return true;
}

// How many lines come before each rule, all families together.
std::vector<std::size_t> lines_before(const Snapshot& snapshot) {
  std::vector<std::size_t> before;
  before.reserve(snapshot.rules().size());
  std::size_t count = 0;
  for (const Rule& rule : snapshot.rules()) {
    before.push_back(count);
    for_each_line(rule, [&count](const base::Selector&) { return ++count != 0; });
  }
  return before;
}

// Takes `cost` off what is left; false, and nothing is left, when that is less.
bool spend(std::size_t& left, std::size_t cost) {
  const bool enough = cost <= left;
  left = enough ? left - cost : 0;
  return enough;
}

std::size_t cost_of_search(const base::Selector& line, std::size_t before) {
  return line.family() == base::Family::kV4 ? before : before * kSideBySide;
}

base::Address inside(const base::MaskedAddress& set, Random& random) {
  const base::Uint128 bits = (base::Uint128{random()} << 64) | random();
  return {set.family(), set.address().value() | (bits & ~set.mask() & base::all_ones(set.family()))};
}

std::uint16_t inside(base::PortRange range, std::uint16_t last, Random& random) {
  const std::uint16_t hi = std::min(range.hi, last);
  if (hi <= range.lo) return range.lo;
  return static_cast<std::uint16_t>(range.lo + random() % (std::size_t{hi} - range.lo + 1));
}

base::Flow inside(const base::Selector& line, Random& random) {
  base::Flow flow{inside(line.local, random), inside(line.remote, random), base::Protocol::kTcp, 0, 0};
  flow.protocol =
      line.protocol.value_or(random() % 2 == 0 ? base::Protocol::kTcp : static_cast<base::Protocol>(random() % 256));
  const bool icmp = base::is_icmp(flow.protocol);
  if (!icmp && !base::has_ports(flow.protocol)) return flow;
  const std::uint16_t last = icmp ? 255 : 65535;
  flow.source_port = inside(line.local_port, last, random);
  flow.destination_port = inside(line.remote_port, last, random);
  return flow;
}

bool reached_by_trying(const Snapshot& snapshot, const base::Selector& line, RuleIndex rule, Random& random) {
  for (int i = 0; i < kTries; ++i) {
    if (const auto match = snapshot.first_match(inside(line, random)); match && match->rule == rule) return true;
  }
  return false;
}

// What is known of one rule, line by line, until it is known to be reached.
class Shadow {
 public:
  Shadow(const Snapshot& snapshot, RuleIndex rule, std::size_t before, ReportBounds& left)
      : snapshot_(snapshot), rule_(rule), before_(before), left_(left), random_(static_cast<std::uint32_t>(rule)) {
    work_ = std::min(left_.divided, left_.divided_each);
  }

  [[nodiscard]] Coverage of_all_lines() {
    const std::size_t work = work_;
    bool known = true;
    const bool covered = for_each_line(snapshot_.rule(rule_), [&](const base::Selector& line) {
      const Coverage coverage = of(line);
      known = known && coverage != Coverage::kUnknown;
      return coverage != Coverage::kPart;
    });
    left_.divided -= work - work_;
    if (!covered) return Coverage::kPart;
    return known ? Coverage::kWhole : Coverage::kUnknown;
  }
  [[nodiscard]] std::vector<RuleIndex> by() const { return {by_.begin(), by_.end()}; }

 private:
  Coverage of(const base::Selector& line) {
    if (reached_by_trying(snapshot_, line, rule_, random_)) return Coverage::kPart;
    if (!spend(left_.compared, cost_of_search(line, before_))) return Coverage::kUnknown;
    std::vector<base::Selector> touching;
    std::vector<RuleIndex> rules;
    std::optional<RuleIndex> alone;
    snapshot_.visit_overlapping(line, rule_, [&](const Match& earlier) {
      if (earlier.line.covers(line)) alone = earlier.rule;
      touching.push_back(earlier.line);
      rules.push_back(earlier.rule);
      return !alone && spend(left_.visited, 1);
    });
    if (alone) {
      by_.insert(*alone);
      return Coverage::kWhole;
    }
    if (left_.visited == 0) return Coverage::kUnknown;
    const Cover found = cover(line, touching, work_);
    for (const std::size_t index : found.by) by_.insert(rules[index]);
    return found.coverage;
  }

  const Snapshot& snapshot_;
  RuleIndex rule_;
  std::size_t before_;
  ReportBounds& left_;
  Random random_;
  std::size_t work_ = 0;
  std::set<RuleIndex> by_;
};

// The earlier protect rules that share a flow with one, each once.
class Neighbours {
 public:
  Neighbours(const Snapshot& snapshot, ReportBounds& left)
      : snapshot_(snapshot), left_(left), seen_by_(snapshot.rules().size(), 0) {}

  /// False when the bounds ended the search.
  bool find(RuleIndex rule, std::size_t before, std::vector<RuleIndex>& found) {
    return for_each_line(snapshot_.rule(rule), [&](const base::Selector& line) {
      if (!spend(left_.compared, cost_of_search(line, before))) return false;
      bool enough = true;
      snapshot_.visit_overlapping(line, rule, [&](const Match& earlier) {
        enough = spend(left_.visited, 1);
        if (enough && is_new(earlier.rule, rule)) found.push_back(earlier.rule);
        return enough;
      });
      return enough;
    });
  }

 private:
  bool is_new(RuleIndex earlier, RuleIndex rule) {
    if (snapshot_.rule(earlier).action != Action::kProtect) return false;
    auto& seen = seen_by_[static_cast<std::size_t>(earlier)];
    const auto mark = static_cast<std::uint32_t>(rule);  // never 0: the first rule has none before it
    return std::exchange(seen, mark) != mark;
  }

  const Snapshot& snapshot_;
  ReportBounds& left_;
  std::vector<std::uint32_t> seen_by_;  ///< the last rule that each was found for
};

}  // namespace

Shadows shadowed_rules(const Snapshot& snapshot, ReportBounds bounds) {
  const auto before = lines_before(snapshot);
  Shadows shadows;
  for (std::uint32_t i = 1; i < snapshot.rules().size(); ++i) {
    const RuleIndex rule{i};
    Shadow shadow(snapshot, rule, before[i], bounds);
    const Coverage coverage = shadow.of_all_lines();
    if (coverage == Coverage::kUnknown) shadows.unknown.push_back(rule);
    if (coverage != Coverage::kWhole) continue;
    if (auto by = shadow.by(); !by.empty()) shadows.found.push_back({rule, std::move(by)});
  }
  return shadows;
}

Overlaps overlapping_rules(const Snapshot& snapshot, std::size_t limit, ReportBounds bounds) {
  const auto before = lines_before(snapshot);
  Overlaps overlaps;
  Neighbours neighbours(snapshot, bounds);
  for (std::uint32_t i = 1; i < snapshot.rules().size() && overlaps.complete; ++i) {
    const RuleIndex rule{i};
    if (snapshot.rule(rule).action != Action::kProtect) continue;
    std::vector<RuleIndex> earlier;
    overlaps.complete = neighbours.find(rule, before[i], earlier);
    std::ranges::sort(earlier);
    for (const RuleIndex with : earlier) {
      if (overlaps.found.size() < limit) {
        overlaps.found.push_back({rule, with});
      } else {
        ++overlaps.left_out;
      }
    }
  }
  return overlaps;
}

}  // namespace policy
