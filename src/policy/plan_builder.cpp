#include "policy/plan_builder.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "policy/plan_branches.hpp"

namespace policy {

namespace {

using Line = Plan::Line;
using Field = Plan::Field;
using Word = Plan::Word;

/// So many lines are compared faster than they are split by addresses, and by protocol or ports, which tell less by
/// half. Where that makes too many steps follow one another, lists twice as long are tried.
constexpr std::size_t kRun = 8;
constexpr std::size_t kLongestRun = 128;
/// Of steps that follow one another this many are no matter; beyond, longer lists make fewer of them.
constexpr std::size_t kDeep = 4;
constexpr std::size_t kDeepRun = 32;
/// In a run this short, lines that an earlier one covers are looked for.
constexpr std::size_t kMaxTidied = 64;
/// A split of few lines that would copy more than so many for each of them is none.
constexpr std::size_t kMaxGrowth = 8;

bool is_unconditional(const Line& line) {
  return line.local_mask == 0 && line.remote_mask == 0 && line.protocol_mask == 0 && line.local_port.is_any() &&
         line.remote_port.is_any();
}

bool covers(const Line& wide, const Line& narrow) {
  return (wide.local_mask & ~narrow.local_mask) == 0 && ((wide.local ^ narrow.local) & wide.local_mask) == 0 &&
         (wide.remote_mask & ~narrow.remote_mask) == 0 && ((wide.remote ^ narrow.remote) & wide.remote_mask) == 0 &&
         (wide.protocol_mask == 0 || (narrow.protocol_mask != 0 && wide.protocol == narrow.protocol)) &&
         wide.local_port.covers(narrow.local_port) && wide.remote_port.covers(narrow.remote_port);
}

constexpr Plan::Target kBack{false, kUndecided};
constexpr Plan::Target kElse{false, kPass};

}  // namespace

bool PlanBuilder::build(Lines lines) {
  const std::size_t most = std::max(kMaxPlanEntries, 2 * lines.size());
  for (run_ = kRun; run_ <= kLongestRun; run_ *= 2) {
    copies_ = longest_ = 0;
    plan_ = Plan(plan_.family());
    plan_.root_ = step(lines, {}, kElse);
    if (exhausted() || plan_.entries() > most) break;
    if (plan_.depth() <= kMaxDepth) return true;
  }
  if (lines.size() > kMaxPlanList) return false;
  plan_ = Plan(plan_.family());
  plan_.root_ = leaf(std::move(lines), kElse);
  return true;
}

std::size_t PlanBuilder::most_copied() const {
  return static_cast<std::size_t>(std::ranges::max_element(copies_of_) - copies_of_.begin());
}

// The side that tells the lines apart best goes first: what it does not tell apart is asked in vain.
std::optional<PlanBuilder::Split> PlanBuilder::finest_split(const Lines& lines, Scope scope) {
  if (lines.size() <= run_ || exhausted()) return std::nullopt;
  std::optional<Split> best;
  const auto consider = [&](bool open, Field field) {
    if (!open) return;
    Split split{field, groups_of(lines, field, plan_.family())};
    if (split.groups.size() > (best ? best->groups.size() : 1)) best = std::move(split);
  };
  consider(scope.local, Field::kLocal);
  consider(scope.remote, Field::kRemote);
  if (best || lines.size() <= run_ + run_ / 2) return best;
  consider(scope.protocol, Field::kProtocol);
  consider(scope.local_port, Field::kLocalPort);
  consider(scope.remote_port, Field::kRemotePort);
  return best;
}

std::optional<PlanBuilder::Split> PlanBuilder::best_split(const Lines& lines, Scope scope) {
  // More lines than a flow may be compared with have to be split, whatever it costs.
  const std::size_t bound = lines.size() > kMaxPlanList ? kMaxCopies : copies_ + kMaxGrowth * lines.size();
  for (auto split = finest_split(lines, scope); split; split = finest_split(lines, scope)) {
    const std::size_t before = copies_;
    copy_conflicts(*split, bound);
    if (copies_ <= bound) return split;
    copies_ = before;
    close(scope, split->field);
  }
  return std::nullopt;
}

Plan::Target PlanBuilder::step(Lines lines, Scope scope, Target next) {
  auto split = best_split(lines, scope);
  if (!split) return leaf(std::move(lines), next);
  lines = {};
  std::vector<std::vector<std::size_t>> inside_of(split->groups.size());
  std::vector<std::size_t> outermost;
  std::vector<std::optional<std::size_t>> heavy(split->groups.size());
  for (std::size_t i = 0; i < split->groups.size(); ++i) {
    const auto wider = split->groups[i].wider;
    if (wider) heavy[i] = split->groups[*wider].own.size() > run_ ? wider : heavy[*wider];
    (heavy[i] ? inside_of[*heavy[i]] : outermost).push_back(i);
  }
  return nest(*split, inside_of, outermost, scope, next);
}

// A group of few lines is named by those in it; one of many is a step around them, so that it is there but once.
Plan::Target PlanBuilder::nest(Split& split, const std::vector<std::vector<std::size_t>>& inside_of,
                               const std::vector<std::size_t>& members, Scope scope, Target next) {
  // An outcome that follows is what its branches end in; steps that follow are gone on with, so as not to be repeated.
  const Target otherwise = next.is_step ? kBack : next;
  std::vector<Placed> placed;
  std::map<std::size_t, Target> targets;
  for (const std::size_t i : members) {
    Group& group = split.groups[i];
    const auto wider = group.wider ? targets.find(*group.wider) : targets.end();
    Target target = step(std::move(group.own), inside(scope, split.field, group),
                         wider == targets.end() ? otherwise : wider->second);
    if (!inside_of[i].empty()) target = nest(split, inside_of, inside_of[i], scope, target);
    targets[i] = target;
    placed.push_back({group.first, group.last, target});
  }
  return plan_.add({{}, split.field, narrowest(placed, otherwise), next});
}

void PlanBuilder::close(Scope& scope, Field field) {
  switch (field) {
    case Field::kLocal: scope.local = false; break;
    case Field::kRemote: scope.remote = false; break;
    case Field::kProtocol: scope.protocol = false; break;
    case Field::kLocalPort: scope.local_port = false; break;
    case Field::kRemotePort: scope.remote_port = false; break;
  }
}

PlanBuilder::Scope PlanBuilder::inside(Scope scope, Field split, const Group& group) {
  close(scope, split);
  if (split == Field::kProtocol && group.first == group.last) {
    scope.local_port = scope.remote_port = base::has_ports(static_cast<base::Protocol>(group.first));
  }
  return scope;
}

Plan::Target PlanBuilder::leaf(Lines lines, Target next) {
  longest_ = std::max(longest_, lines.size());
  const auto last = std::ranges::find_if(lines, is_unconditional);
  if (last != lines.end()) {
    next = {false, outcomes_[last->rule]};
    lines.erase(last, lines.end());
  }
  Plan::Step made;
  made.next = next;
  for (const Line& line : lines) {
    const bool shadowed = made.lines.size() < kMaxTidied &&
                          std::ranges::any_of(made.lines, [&](const Line& earlier) { return covers(earlier, line); });
    if (shadowed) continue;
    made.lines.push_back(line);
    made.lines.back().rule = outcomes_[line.rule];
  }
  // A short list that follows is taken in: fewer steps to take, and where there are many a longer one too.
  while (made.next.is_step) {
    const Plan::Step& after = plan_.steps_[made.next.index];
    const std::size_t most = plan_.depth_of(made.next) < kDeep ? run_ : std::max(run_, kDeepRun);
    if (!after.branches.empty() || made.lines.size() + after.lines.size() > most) break;
    made.lines.insert(made.lines.end(), after.lines.begin(), after.lines.end());
    made.next = after.next;
  }
  next = made.next;
  while (!made.lines.empty() && !next.is_step && made.lines.back().rule == next.index) made.lines.pop_back();
  return plan_.add(std::move(made));
}

bool PlanBuilder::conflicts(const Line& earlier, const std::vector<const Line*>& later) {
  return std::ranges::any_of(later, [&](const Line* line) {
    ++comparisons_;
    return outcomes_[line->rule] != outcomes_[earlier.rule] && earlier.rule < line->rule && earlier.overlaps(*line);
  });
}

// Narrow groups first: a copy is made of what a wider group has of its own.
void PlanBuilder::copy_conflicts(Split& split, std::size_t bound) {
  for (std::size_t i = split.groups.size(); i > 0 && copies_ <= bound && !exhausted(); --i) {
    copy_conflicts(split.groups, i - 1, bound);
  }
}

// From the last line to the first, so that what a copy brings with it is seen.
void PlanBuilder::copy_conflicts(std::vector<Group>& groups, std::size_t group, std::size_t bound) {
  const Lines& own = groups[group].own;
  std::vector<const Line*> wider;
  for (auto at = groups[group].wider; at; at = groups[*at].wider) {
    for (const Line& line : groups[*at].own) {
      if (line.rule >= own.back().rule) break;
      wider.push_back(&line);
    }
  }
  if (wider.empty()) return;
  std::ranges::sort(wider, {}, &Line::rule);
  std::vector<const Line*> kept;
  auto next_own = own.rbegin();
  for (auto candidate = wider.rbegin(); candidate != wider.rend() && copies_ <= bound; ++candidate) {
    for (; next_own != own.rend() && next_own->rule >= (*candidate)->rule; ++next_own) kept.push_back(&*next_own);
    if (!conflicts(**candidate, kept)) continue;
    kept.push_back(*candidate);
    ++copies_;
    ++copies_of_[(*candidate)->rule];
  }
  for (; next_own != own.rend(); ++next_own) kept.push_back(&*next_own);
  Lines lines;
  lines.reserve(kept.size());
  for (auto line = kept.rbegin(); line != kept.rend(); ++line) lines.push_back(**line);
  groups[group].own = std::move(lines);
}

base::Result<Plan, PlanError> Plan::make(const Snapshot& snapshot, base::Family family,
                                         const std::vector<Outcome>& outcomes) {
  std::vector<Line> lines;
  for (const Match& match : snapshot.lines(family)) {
    lines.push_back(to_row<Word>(match.line, static_cast<std::uint32_t>(match.rule)));
  }
  const auto refuse = [&](std::size_t rule, const std::string& why, const std::string& hint) {
    const RuleIndex index{static_cast<std::uint32_t>(rule)};
    return std::unexpected(PlanError{index, "rule '" + snapshot.rule(index).name + "' " + why, hint});
  };
  if (lines.size() > kMaxPlannedLines) {
    return refuse(
        lines[kMaxPlannedLines].rule,
        "is beyond the " + std::to_string(kMaxPlannedLines) + " pairs of prefixes of one family that a policy may have",
        "use prefixes instead of ranges, or fewer of them");
  }
  Plan plan(family);
  PlanBuilder builder(plan, outcomes);
  if (builder.build(std::move(lines))) return plan;
  return refuse(
      builder.most_copied(),
      "shares flows with too many later rules that do something else: to keep their order the kernel would need "
      "more than " +
          std::to_string(kMaxPlanEntries) + " rules and map elements, lists of more than " +
          std::to_string(kMaxPlanList) + " rules, or more than " + std::to_string(kMaxDepth) +
          " chains one behind another",
      "put it behind the rules that name single networks, or let it name single networks itself");
}

}  // namespace policy
