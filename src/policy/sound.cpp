#include "policy/sound.hpp"

#include <vector>

#include "policy/region.hpp"

namespace policy {

namespace {

// True when the rule's lines together cover the box: they are a product, so each side can be asked alone.
bool takes_all_of(const Rule& rule, const base::Selector& box) {
  if (rule.protocol && rule.protocol != box.protocol) return false;
  const auto side = [&](const std::vector<base::MaskedAddress>& addresses, base::PortRange port,
                        const base::MaskedAddress& address, base::PortRange wanted) {
    std::vector<base::SelectorEnd> ends;
    for (const auto& one : addresses) {
      if (one.family() == box.family()) ends.push_back({one, port});
    }
    return covers(ends, base::SelectorEnd{address, wanted});
  };
  return side(rule.local, rule.local_port, box.local, box.local_port) &&
         side(rule.remote, rule.remote_port, box.remote, box.remote_port);
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
