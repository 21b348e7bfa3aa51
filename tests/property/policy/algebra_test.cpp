// Laws of selectors, intersection and look-up.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "policy/intersection.hpp"
#include "property/policy/universe.hpp"

namespace policy_property {

using base::Selector;
using policy::intersect;

RC_GTEST_PROP(Intersection, IsTheIntersectionOfTheSets, ()) {
  const auto a = *universe::any_box();
  const auto b = *universe::any_box();
  const auto common = intersect(a, b);
  for (const auto& flow : universe::all_flows()) {
    const bool in_both = universe::is_in(a, flow) && universe::is_in(b, flow);
    RC_ASSERT((common && universe::is_in(*common, flow)) == in_both);
  }
}

RC_GTEST_PROP(Intersection, CommutesAndStaysInside, ()) {
  const auto a = *universe::any_box();
  const auto b = *universe::any_box();
  const auto common = intersect(a, b);
  RC_ASSERT((common == intersect(b, a)));
  RC_ASSERT(common.has_value() == a.overlaps(b));
  if (common) {
    RC_ASSERT(a.covers(*common) && b.covers(*common));
    RC_ASSERT(common->mirrored() == *intersect(b.mirrored(), a.mirrored()));
  }
}

RC_GTEST_PROP(Mirror, IsAnInvolutionThatFollowsTheFlows, ()) {
  const auto box = *universe::any_box();
  RC_ASSERT(box.mirrored().mirrored() == box);
  for (const auto& flow : universe::all_flows()) {
    RC_ASSERT(flow.mirrored().mirrored() == flow);
    RC_ASSERT(universe::is_in(box, flow) == universe::is_in(box.mirrored(), flow.mirrored()));
    RC_ASSERT(universe::is_in(box, flow) == box.contains(flow));
  }
}

RC_GTEST_PROP(Covers, IsTheOrderOfTheSets, ()) {
  const auto a = *universe::any_box();
  const auto b = *universe::any_box();
  if (a.covers(b)) {
    for (const auto& flow : universe::all_flows()) RC_ASSERT(!universe::is_in(b, flow) || universe::is_in(a, flow));
  }
}

RC_GTEST_PROP(FirstMatch, IsTheModelsFirstMatch, ()) {
  const auto rules = *universe::any_policy();
  const policy::Snapshot snapshot(rules);
  for (const auto& flow : universe::all_flows()) {
    const auto match = snapshot.first_match(flow);
    RC_ASSERT((match ? static_cast<int>(match->rule) : -1) == universe::first_rule(rules, flow));
    if (match) RC_ASSERT(universe::is_in(match->line, flow));
  }
}

RC_GTEST_PROP(Overlapping, FindsEveryLineThatSharesAFlow, ()) {
  const auto rules = *universe::any_policy();
  const auto box = *universe::any_box();
  const policy::Snapshot snapshot(rules);
  const auto found = snapshot.overlapping(box, policy::RuleIndex{static_cast<std::uint32_t>(rules.size())});
  std::size_t next = 0;
  for (const auto& line : snapshot.lines()) {
    if (!line.line.overlaps(box)) continue;
    RC_ASSERT(next < found.size());
    RC_ASSERT(found[next].line == line.line && found[next].rule == line.rule);
    ++next;
  }
  RC_ASSERT(next == found.size());
}

}  // namespace policy_property
