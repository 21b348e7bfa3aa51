// Products of lists: soundness, containment, exactness and maximality of what tunnels carry (docs/policy.md).
#include "policy/product.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "policy/agree.hpp"
#include "policy/region.hpp"
#include "property/policy/judge.hpp"
#include "property/policy/universe.hpp"

namespace base {

inline void showValue(const SelectorList& list, std::ostream& out) {
  out << list.text();
}

}  // namespace base

namespace policy_property {

using policy::Snapshot;

RC_GTEST_PROP(Product, IsSoundContainingExactAndMaximal, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const Snapshot snapshot(rules);
  const auto match = *snapshot.first_match(flow);
  const auto rule = static_cast<int>(match.rule);
  const auto product = policy::largest_product(snapshot, match, flow, plane);
  RC_ASSERT(product.has_value());
  RC_ASSERT(is_in(*product, flow));
  RC_ASSERT(product->contains(flow));
  RC_ASSERT(is_exact(*product, plane));
  RC_ASSERT(is_lean(product->local) && is_lean(product->remote));
  RC_ASSERT(is_sound(rules, *product, rule));
  RC_ASSERT(is_maximal(*product, plane, [&](const Flow& one) { return universe::first_rule(rules, one) == rule; }));
  const policy::Offer within{*product, {}};
  RC_ASSERT(policy::largest_product(snapshot, match, flow, plane, &within) == product);
}

// More exemptions than may be told: what is offered avoids them all.
RC_GTEST_PROP(Offer, IsSoundHoweverFewExemptionsMayBeTold, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const Snapshot snapshot(rules);
  const auto match = *snapshot.first_match(flow);
  const auto offer = policy::offer(snapshot, match, flow, plane, *rc::gen::inRange<std::size_t>(0, 4));
  RC_ASSERT(offer.contains(flow));
  for (const Flow& one : universe::all_flows()) {
    RC_ASSERT(!offer.contains(one) || universe::first_rule(rules, one) == static_cast<int>(match.rule));
  }
}

RC_GTEST_PROP(Product, CoversAtLeastTheBox, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const Snapshot snapshot(rules);
  const auto match = *snapshot.first_match(flow);
  const auto product = *policy::largest_product(snapshot, match, flow, plane);
  if (product.local.size() >= policy::max_ends(plane) || product.remote.size() >= policy::max_ends(plane)) return;
  const auto box = policy::offer_box(snapshot, match, flow, plane);
  RC_ASSERT(!product.protocol || box.protocol == product.protocol);
}

RC_GTEST_PROP(Agreement, IsSoundAndMaximalAtBothEnds, ()) {
  const auto a_rules = *universe::any_policy();
  const auto b_rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const Snapshot a(a_rules);
  const Snapshot b(b_rules);
  const auto b_offer = policy::offer(b, flow.mirrored(), plane);
  RC_PRE(policy::offer(a, flow, plane) && b_offer);
  const auto agreed = policy::agree(a, flow, b_offer->mirrored(), plane);
  RC_ASSERT(agreed.has_value());
  RC_ASSERT(is_in(*agreed, flow) && is_exact(*agreed, plane));
  const int a_rule = universe::first_rule(a_rules, flow);
  const int b_rule = universe::first_rule(b_rules, flow.mirrored());
  RC_ASSERT(is_sound(a_rules, *agreed, a_rule));
  RC_ASSERT(is_sound(b_rules, agreed->mirrored(), b_rule));
  const auto at_b = policy::agree(b, flow.mirrored(), policy::offer(a, flow, plane)->mirrored(), plane);
  // A flow from an address to itself has no side that both ends would begin with.
  RC_ASSERT(flow.source == flow.destination || (at_b && sorted(at_b->mirrored()) == sorted(*agreed)));
  RC_ASSERT(is_maximal(*agreed, plane, [&](const Flow& one) {
    return universe::first_rule(a_rules, one) == a_rule && universe::first_rule(b_rules, one.mirrored()) == b_rule;
  }));
}

// Whatever a peer answers, the result stays inside both and sound here.
RC_GTEST_PROP(Agreement, TrustsNoAnswer, ()) {
  const auto rules = *universe::any_policy();
  const policy::Offer theirs{SelectorList::of(*universe::any_box()), {*universe::any_box()}};
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const auto agreed = policy::agree(Snapshot(rules), flow, theirs, plane);
  if (!agreed) return;
  RC_ASSERT(is_in(*agreed, flow) && is_exact(*agreed, plane));
  RC_ASSERT(is_sound(rules, *agreed, universe::first_rule(rules, flow)));
  for (const Flow& one : universe::all_flows()) RC_ASSERT(!is_in(*agreed, one) || theirs.contains(one));
}

// A peer that takes no list is answered with a box; what comes of it is inside what a list would have given.
RC_GTEST_PROP(Agreement, WithABoxIsSoundToo, ()) {
  const auto a_rules = *universe::any_policy();
  const auto b_rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const Snapshot a(a_rules);
  const Snapshot b(b_rules);
  const auto match = *b.first_match(flow.mirrored());
  RC_PRE(policy::offer(a, flow, plane) && b.rule(match.rule).action == policy::Action::kProtect);
  const auto box = policy::for_response(policy::offer_box(b, match, flow.mirrored(), plane), flow.mirrored());
  const auto agreed = policy::agree(a, flow, {SelectorList::of(box.mirrored()), {}}, plane);
  RC_ASSERT(agreed.has_value());
  RC_ASSERT(is_in(*agreed, flow) && is_exact(*agreed, plane));
  RC_ASSERT(is_sound(a_rules, *agreed, universe::first_rule(a_rules, flow)));
  RC_ASSERT(is_sound(b_rules, agreed->mirrored(), universe::first_rule(b_rules, flow.mirrored())));
}

RC_GTEST_PROP(Region, CoversIsWhatEveryPointSays, ()) {
  const auto boxes = *rc::gen::resize(4, rc::gen::container<std::vector<Selector>>(universe::any_box()));
  const auto box = *universe::any_box();
  std::vector<SelectorEnd> ends;
  for (const Selector& one : boxes) ends.push_back({one.local, one.local_port});
  const SelectorEnd end{box.local, box.local_port};
  if (!policy::covers(ends, end)) return;
  for (const Flow& flow : universe::all_flows()) {
    if (covers({end}, flow.source, flow.source_port)) RC_ASSERT(covers(ends, flow.source, flow.source_port));
  }
}

}  // namespace policy_property
