#include "policy/report.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <utility>

#include "policy/cover.hpp"
#include "policy/line_tree.hpp"

namespace policy {

namespace {

/// Rules named as those that take another's flows.
constexpr std::size_t kMaxNamed = 8;

// Flows of a line that are tried before its neighbours are looked for: most rules are reached by one of the first.
constexpr int kTries = 24;

using Random = std::minstd_rand;

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

// The lines of some rules of a policy, to be asked for those that share a flow with another.
class Neighbourhood {
 public:
  template <class Wanted>
  Neighbourhood(const Snapshot& snapshot, Wanted wanted) {
    std::vector<RowV4> v4;
    std::vector<RowV6> v6;
    for (std::uint32_t i = 0; i < snapshot.rules().size(); ++i) {
      if (!wanted(snapshot.rules()[i])) continue;
      for_each_line(snapshot.rules()[i], [&](const base::Selector& line) {
        if (line.family() == base::Family::kV4) {
          v4.push_back(to_row<std::uint32_t>(line, i));
        } else {
          v6.push_back(to_row<base::Uint128>(line, i));
        }
        return true;
      });
    }
    v4_ = LineTree<std::uint32_t>(std::move(v4));
    v6_ = LineTree<base::Uint128>(std::move(v6));
  }

  template <class Word>
  [[nodiscard]] const LineTree<Word>& tree() const {
    if constexpr (sizeof(Word) == sizeof(std::uint32_t)) {
      return v4_;
    } else {
      return v6_;
    }
  }

 private:
  LineTree<std::uint32_t> v4_;
  LineTree<base::Uint128> v6_;
};

// Takes `cost` off what is left; false, and nothing is left, when that is less.
bool spend(std::size_t& left, std::size_t cost) {
  const bool enough = cost <= left;
  left = enough ? left - cost : 0;
  return enough;
}

base::Address inside(const base::MaskedAddress& set, Random& random) {
  base::Uint128 bits = 0;
  for (unsigned i = 0; i < base::width(set.family()); i += 16) bits = bits << 16 | (random() >> 8 & 0xffffU);
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
  Shadow(const Snapshot& snapshot, const Neighbourhood& lines, RuleIndex rule, ReportBounds& left)
      : snapshot_(snapshot), lines_(lines), rule_(rule), left_(left), random_(static_cast<std::uint32_t>(rule)) {
    work_ = std::min(left_.divided, left_.divided_each);
  }

  [[nodiscard]] Coverage of_all_lines() {
    const std::size_t work = work_;
    bool known = true;
    const bool covered = for_each_line(snapshot_.rule(rule_), [&](const base::Selector& line) {
      if (reached_by_trying(snapshot_, line, rule_, random_)) return false;
      const Coverage coverage = line.family() == base::Family::kV4 ? of<std::uint32_t>(line) : of<base::Uint128>(line);
      known = known && coverage != Coverage::kUnknown;
      return coverage != Coverage::kPart;
    });
    left_.divided -= work - work_;
    if (!covered) return Coverage::kPart;
    return known ? Coverage::kWhole : Coverage::kUnknown;
  }
  [[nodiscard]] std::vector<RuleIndex> by() const { return {by_.begin(), by_.end()}; }

 private:
  template <class Word>
  Coverage of(const base::Selector& line) {
    const Row<Word> box = to_row<Word>(line, static_cast<std::uint32_t>(rule_));
    std::vector<Row<Word>> touching;
    std::optional<std::uint32_t> alone;  // the first rule that takes all of it by itself
    const std::size_t compared = lines_.tree<Word>().visit_overlapping(box, box.rule, [&](const Row<Word>& earlier) {
      touching.push_back(earlier);
      if (earlier.covers(box)) alone = std::min(alone.value_or(earlier.rule), earlier.rule);
      return spend(left_.visited, 1);
    });
    if (!spend(left_.compared, compared) || left_.visited == 0) return Coverage::kUnknown;
    if (alone) {
      by_.insert(RuleIndex{*alone});
      return Coverage::kWhole;
    }
    std::ranges::sort(touching, {}, &Row<Word>::rule);
    const Cover found = cover<Word>(box, touching, work_);
    for (const std::size_t index : found.by) by_.insert(RuleIndex{touching[index].rule});
    return found.coverage;
  }

  const Snapshot& snapshot_;
  const Neighbourhood& lines_;
  RuleIndex rule_;
  ReportBounds& left_;
  Random random_;
  std::size_t work_ = 0;
  std::set<RuleIndex> by_;
};

// The earlier protect rules that share a flow with one, each once.
class Neighbours {
 public:
  Neighbours(const Snapshot& snapshot, ReportBounds& left)
      : snapshot_(snapshot),
        lines_(snapshot, [](const Rule& rule) { return rule.action == Action::kProtect; }),
        left_(left),
        seen_by_(snapshot.rules().size(), 0) {}

  /// In no order. False when the bounds ended the search.
  bool find(RuleIndex rule, std::vector<RuleIndex>& found) {
    return for_each_line(snapshot_.rule(rule), [&](const base::Selector& line) {
      return line.family() == base::Family::kV4 ? find<std::uint32_t>(rule, line, found)
                                                : find<base::Uint128>(rule, line, found);
    });
  }

 private:
  template <class Word>
  bool find(RuleIndex rule, const base::Selector& line, std::vector<RuleIndex>& found) {
    const Row<Word> box = to_row<Word>(line, static_cast<std::uint32_t>(rule));
    bool enough = true;
    const std::size_t compared = lines_.tree<Word>().visit_overlapping(box, box.rule, [&](const Row<Word>& earlier) {
      enough = spend(left_.visited, 1);
      // The mark is never 0: the first rule has none before it.
      if (enough && std::exchange(seen_by_[earlier.rule], box.rule) != box.rule)
        found.push_back(RuleIndex{earlier.rule});
      return enough;
    });
    return spend(left_.compared, compared) && enough;
  }

  const Snapshot& snapshot_;
  Neighbourhood lines_;
  ReportBounds& left_;
  std::vector<std::uint32_t> seen_by_;  ///< the last rule that each was found for
};

}  // namespace

Shadows shadowed_rules(const Snapshot& snapshot, ReportBounds bounds) {
  const Neighbourhood lines(snapshot, [](const Rule&) { return true; });
  Shadows shadows;
  for (std::uint32_t i = 1; i < snapshot.rules().size(); ++i) {
    const RuleIndex rule{i};
    Shadow shadow(snapshot, lines, rule, bounds);
    const Coverage coverage = shadow.of_all_lines();
    if (coverage == Coverage::kUnknown) shadows.unknown.push_back(rule);
    if (coverage != Coverage::kWhole) continue;
    if (auto by = shadow.by(); !by.empty()) shadows.found.push_back({rule, std::move(by)});
  }
  return shadows;
}

std::string text(const Snapshot& snapshot, const Shadowed& shadowed) {
  const auto& by = shadowed.by;
  std::string names;
  for (const RuleIndex earlier : std::span(by).first(std::min(by.size(), kMaxNamed))) {
    names += (names.empty() ? "'" : ", '") + snapshot.rule(earlier).name + "'";
  }
  if (by.size() > kMaxNamed) names += " and " + std::to_string(by.size() - kMaxNamed) + " more";
  return "rule '" + snapshot.rule(shadowed.rule).name + "' is never reached: " + names + " before it " +
         (by.size() == 1 ? "takes" : "together take") + " all of its flows";
}

Overlaps overlapping_rules(const Snapshot& snapshot, std::size_t limit, ReportBounds bounds) {
  Overlaps overlaps;
  Neighbours neighbours(snapshot, bounds);
  for (std::uint32_t i = 1; i < snapshot.rules().size() && overlaps.complete; ++i) {
    const RuleIndex rule{i};
    if (snapshot.rule(rule).action != Action::kProtect) continue;
    std::vector<RuleIndex> earlier;
    overlaps.complete = neighbours.find(rule, earlier);
    const std::size_t told = std::min(earlier.size(), limit - overlaps.found.size());
    std::ranges::partial_sort(earlier, earlier.begin() + static_cast<std::ptrdiff_t>(told));
    for (const RuleIndex with : std::span(earlier).first(told)) overlaps.found.push_back({rule, with});
    overlaps.left_out += earlier.size() - told;
  }
  return overlaps;
}

}  // namespace policy
