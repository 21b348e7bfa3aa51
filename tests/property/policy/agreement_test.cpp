// Soundness, containment, exactness and maximality of what tunnels carry (docs/policy.md).
#include <bit>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "policy/agree.hpp"
#include "policy/carve.hpp"
#include "property/policy/universe.hpp"

namespace policy_property {

using base::Flow;
using base::PortRange;
using base::Selector;
using policy::DataPlane;
using policy::Rule;
using policy::Snapshot;

bool is_block(PortRange range) {
  const unsigned size = range.hi - range.lo + 1U;
  return std::has_single_bit(size) && range.lo % size == 0;
}

bool is_exact(const Selector& box, DataPlane plane) {
  const bool limits = !box.local_port.is_any() || !box.remote_port.is_any();
  if (!box.local.prefix() || !box.remote.prefix() || (limits && !box.protocol)) return false;
  if (box.protocol && is_icmp(*box.protocol) && !box.remote_port.is_any() && !box.local_port.is_single()) return false;
  return plane == DataPlane::kUserspace || (is_block(box.local_port) && is_block(box.remote_port));
}

// Every flow of the box has that first rule.
bool is_sound(const std::vector<Rule>& rules, const Selector& box, int rule) {
  for (const auto& flow : universe::all_flows()) {
    if (universe::is_in(box, flow) && universe::first_rule(rules, flow) != rule) return false;
  }
  return true;
}

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

RC_GTEST_PROP(Offer, IsSoundContainingExactAndMaximal, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const Snapshot snapshot(rules);
  const auto match = snapshot.first_match(flow);
  const auto rule = static_cast<int>(match->rule);
  const auto offer = policy::offer(snapshot, flow, plane);
  RC_PRE(offer.has_value());
  RC_ASSERT(universe::is_in(*offer, flow));
  RC_ASSERT(is_exact(*offer, plane));
  RC_ASSERT(is_sound(rules, *offer, rule));
  RC_ASSERT(policy::sound(snapshot, *offer) == match->rule);
  RC_ASSERT(policy::carve(snapshot, *match, *offer, flow, plane) == *offer);
  for (const auto& larger : grown(*offer, plane)) {
    if (larger == *offer || !match->line.covers(larger)) continue;
    RC_ASSERT(!is_sound(rules, larger, rule));
  }
}

RC_GTEST_PROP(Sound, NeverSaysYesWrongly, ()) {
  const auto rules = *universe::any_policy();
  const auto box = *universe::any_box();
  const auto rule = policy::sound(Snapshot(rules), box);
  RC_PRE(rule.has_value());
  RC_ASSERT(rules[static_cast<std::size_t>(*rule)].action == policy::Action::kProtect);
  RC_ASSERT(is_sound(rules, box, static_cast<int>(*rule)));
}

RC_GTEST_PROP(Agreement, IsTheSameAtBothEndsAndSoundAtBoth, ()) {
  const auto a_rules = *universe::any_policy();
  const auto b_rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const Snapshot a(a_rules);
  const Snapshot b(b_rules);
  const auto a_offer = policy::offer(a, flow, plane);
  const auto b_offer = policy::offer(b, flow.mirrored(), plane);
  RC_PRE(a_offer && b_offer);

  const auto at_a = policy::agree(a, flow, b_offer->mirrored(), plane);
  const auto at_b = policy::agree(b, flow.mirrored(), a_offer->mirrored(), plane);
  RC_ASSERT(at_a && at_b);
  RC_ASSERT(*at_a == at_b->mirrored());
  RC_ASSERT(universe::is_in(*at_a, flow) && is_exact(*at_a, plane));
  RC_ASSERT(is_sound(a_rules, *at_a, universe::first_rule(a_rules, flow)));
  RC_ASSERT(is_sound(b_rules, *at_b, universe::first_rule(b_rules, flow.mirrored())));
  RC_ASSERT(policy::sound(b, at_a->mirrored()).has_value());

  const auto on_the_wire = policy::for_response(*b_offer, flow.mirrored());
  RC_ASSERT(b_offer->covers(on_the_wire));
  const auto narrowed = policy::agree(a, flow, on_the_wire.mirrored(), plane);
  RC_ASSERT(narrowed && at_a->covers(*narrowed) && universe::is_in(*narrowed, flow));
}

// Whatever a peer answers, the result stays inside both and sound here.
RC_GTEST_PROP(Agreement, TrustsNoAnswer, ()) {
  const auto rules = *universe::any_policy();
  const auto theirs = *universe::any_box();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const auto agreed = policy::agree(Snapshot(rules), flow, theirs, plane);
  if (!agreed) return;
  RC_ASSERT(theirs.covers(*agreed) && universe::is_in(*agreed, flow) && is_exact(*agreed, plane));
  RC_ASSERT(is_sound(rules, *agreed, universe::first_rule(rules, flow)));
}

}  // namespace policy_property
