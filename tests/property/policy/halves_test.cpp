// The draft form: whatever half the other end tells, the merged proxies are this end's to protect, at either end.
#include "policy/halves.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "property/policy/judge.hpp"
#include "property/policy/universe.hpp"

namespace policy_property {

using base::MaskedAddress;
using base::Selector;
using policy::Snapshot;

RC_GTEST_PROP(Merge, IsSoundContainingAndExact, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto theirs = *universe::any_addresses();
  const Snapshot snapshot(rules);
  const auto match = snapshot.first_match(flow);
  const auto merged = policy::merge(snapshot, flow, theirs);
  if (!merged) return;
  const Selector box = merged->boxes().front();
  RC_ASSERT(merged->boxes().size() == 1 && box.remote == theirs);
  RC_ASSERT(box.local == policy::own_box(snapshot, *match, flow).local);
  RC_ASSERT(universe::is_in(box, flow));
  RC_ASSERT(is_exact(box, policy::DataPlane::kMixed));
  RC_ASSERT(is_sound(rules, box, static_cast<int>(match->rule)));
}

RC_GTEST_PROP(Merge, IsThereWhenAllOfTheLineIsSound, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const Snapshot snapshot(rules);
  const auto match = snapshot.first_match(flow);
  RC_PRE(snapshot.rule(match->rule).action == policy::Action::kProtect);
  const auto whole = policy::exact(match->line, flow, policy::DataPlane::kMixed);
  RC_PRE(is_sound(rules, whole, static_cast<int>(match->rule)));
  const auto merged = policy::merge(snapshot, flow, whole.remote);
  RC_ASSERT(merged && merged->boxes().front() == whole);
}

RC_GTEST_PROP(ResponderHalf, IsTheLargestPrefixThatIsSound, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto theirs = *universe::any_addresses();
  const Snapshot snapshot(rules);
  const auto match = snapshot.first_match(flow);
  RC_PRE(snapshot.rule(match->rule).action == policy::Action::kProtect && theirs.contains(flow.destination));
  const auto rule = static_cast<int>(match->rule);
  const auto sound = [&](const MaskedAddress& mine) {
    return is_sound(rules, Selector{std::nullopt, mine, theirs, {}, {}}, rule);
  };
  const auto half = policy::responder_half(snapshot, *match, flow, theirs);
  if (!half) {
    RC_ASSERT(!sound(MaskedAddress::host(flow.source)));
    return;
  }
  RC_ASSERT(half->contains(flow.source) && half->prefix() && sound(*half));
  const auto prefix = *half->prefix();
  const MaskedAddress larger = base::Prefix(prefix.network(), prefix.length() > 0 ? prefix.length() - 1 : 0);
  RC_ASSERT(larger == *half || !match->line.local.covers(larger) || !sound(larger));
}

}  // namespace policy_property
