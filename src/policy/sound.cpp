#include "policy/sound.hpp"

#include "policy/region.hpp"

namespace policy {

namespace {

// True when the rule's lines together cover the box: they are a product, so each side can be asked alone.
bool takes_all_of(const Rule& rule, const base::Selector& box) {
  if (rule.protocol && rule.protocol != box.protocol) return false;
  return covers(ends_of(rule.local, rule.local_port, box.family()), {box.local, box.local_port}) &&
         covers(ends_of(rule.remote, rule.remote_port, box.family()), {box.remote, box.remote_port});
}

}  // namespace

std::optional<RuleIndex> sound(const Snapshot& snapshot, const base::Selector& box) {
  // The first line that touches the box is some flow's first match, so it must be everybody's.
  std::optional<RuleIndex> first;
  const RuleIndex end{static_cast<std::uint32_t>(snapshot.rules().size())};
  snapshot.visit_overlapping(box, end, [&first](const Match& line) {
    first = line.rule;
    return false;
  });
  if (!first) return std::nullopt;
  const Rule& rule = snapshot.rule(*first);
  return rule.action == Action::kProtect && takes_all_of(rule, box) ? first : std::nullopt;
}

}  // namespace policy
