// Boxes: soundness, containment, exactness and maximality of what goes to a peer that takes no list (docs/policy.md).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "policy/agree.hpp"
#include "policy/carve.hpp"
#include "policy/sound.hpp"
#include "property/policy/judge.hpp"
#include "property/policy/universe.hpp"

namespace policy_property {

using base::PortRange;
using base::Selector;
using policy::DataPlane;
using policy::Rule;
using policy::Snapshot;

base::MaskedAddress parent(const base::MaskedAddress& set) {
  const auto prefix = *set.prefix();
  return base::Prefix(prefix.network(), prefix.length() > 0 ? prefix.length() - 1 : 0);
}

// The next larger sets of ports that the plane takes.
std::vector<PortRange> wider(PortRange range, DataPlane plane) {
  std::vector<PortRange> all;
  if (plane == DataPlane::kKernel) {
    const unsigned size = (range.hi - range.lo + 1U) * 2;
    if (size <= 65536) {
      const auto lo = static_cast<std::uint16_t>(range.lo / size * size);
      all.push_back({lo, static_cast<std::uint16_t>(lo + size - 1)});
    }
    return all;
  }
  if (range.lo > 0) all.push_back({static_cast<std::uint16_t>(range.lo - 1), range.hi});
  if (range.hi < 65535) all.push_back({range.lo, static_cast<std::uint16_t>(range.hi + 1)});
  return all;
}

// Boxes one step larger in one dimension that the plane takes.
std::vector<Selector> grown(const Selector& box, DataPlane plane) {
  std::vector<Selector> all(3, box);
  all[0].local = parent(box.local);
  all[1].remote = parent(box.remote);
  if (box.local_port.is_any() && box.remote_port.is_any()) all[2].protocol.reset();
  if (!box.protocol || !has_ports(*box.protocol)) return all;
  for (const auto range : wider(box.local_port, plane)) {
    all.push_back(box);
    all.back().local_port = range;
  }
  for (const auto range : wider(box.remote_port, plane)) {
    all.push_back(box);
    all.back().remote_port = range;
  }
  return all;
}

RC_GTEST_PROP(Exact, StaysInsideAroundTheFlow, ()) {
  const auto box = *universe::any_box();
  const auto flow = *universe::any_flow_in(box);
  const auto plane = *universe::any_plane();
  const auto result = policy::exact(box, flow, plane);
  RC_ASSERT(is_exact(result, plane));
  RC_ASSERT(box.covers(result) && universe::is_in(result, flow));
  RC_ASSERT(policy::exact(result, flow, plane) == result);
}

RC_GTEST_PROP(Carve, IsSoundForEveryBox, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const Snapshot snapshot(rules);
  const auto match = snapshot.first_match(flow);
  const auto box = policy::carve(snapshot, *match, match->line, flow);
  RC_ASSERT(match->line.covers(box) && universe::is_in(box, flow));
  RC_ASSERT(is_sound(rules, box, static_cast<int>(match->rule)));
}

RC_GTEST_PROP(OfferBox, IsSoundContainingExactAndMaximal, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const Snapshot snapshot(rules);
  const auto match = snapshot.first_match(flow);
  const auto rule = static_cast<int>(match->rule);
  RC_PRE(snapshot.rule(match->rule).action == policy::Action::kProtect);
  const auto offer = policy::offer_box(snapshot, *match, flow, plane);
  RC_ASSERT(universe::is_in(offer, flow));
  RC_ASSERT(is_exact(offer, plane));
  RC_ASSERT(is_sound(rules, offer, rule));
  RC_ASSERT(policy::sound(snapshot, offer) == match->rule);
  RC_ASSERT(policy::carve(snapshot, *match, offer, flow, plane) == offer);
  for (const auto& larger : grown(offer, plane)) {
    if (larger == offer || !match->line.covers(larger)) continue;
    RC_ASSERT(!is_sound(rules, larger, rule));
  }
}

RC_GTEST_PROP(Sound, SaysWhatEveryFlowSays, ()) {
  const auto rules = *universe::any_policy();
  const auto box = *universe::any_box();
  const auto rule = policy::sound(Snapshot(rules), box);
  if (rule) {
    RC_ASSERT(rules[static_cast<std::size_t>(*rule)].action == policy::Action::kProtect);
    RC_ASSERT(is_sound(rules, box, static_cast<int>(*rule)));
    return;
  }
  const int first = universe::first_rule(rules, *universe::any_flow_in(box));
  RC_ASSERT(rules[static_cast<std::size_t>(first)].action != policy::Action::kProtect || !is_sound(rules, box, first));
}

}  // namespace policy_property
