// Products of lists: soundness, containment, exactness and maximality of what tunnels carry (docs/policy.md).
#include "policy/product.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "policy/agree.hpp"
#include "policy/compact.hpp"
#include "policy/knowledge.hpp"
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

void demand_product(const std::vector<Rule>& rules, const Flow& flow, DataPlane plane) {
  const Snapshot snapshot(rules);
  const auto match = *snapshot.first_match(flow);
  const auto rule = static_cast<int>(match.rule);
  const auto product = policy::largest_product(snapshot, match, flow, plane);
  RC_ASSERT(is_in(product, flow));
  RC_ASSERT(product.contains(flow));
  RC_ASSERT(is_exact(product, plane));
  RC_ASSERT(is_lean(product.local) && is_lean(product.remote));
  RC_ASSERT(is_sound(rules, product, rule));
  RC_ASSERT(is_maximal(product, plane, [&](const Flow& one) { return universe::first_rule(rules, one) == rule; }));
  const policy::Offer within{product, {}};
  RC_ASSERT(policy::largest_product(policy::everything(snapshot, match), within, flow, plane) == product);
}

RC_GTEST_PROP(Product, IsSoundContainingExactAndMaximal, ()) {
  demand_product(*universe::any_policy(), *universe::any_flow(), *universe::any_plane());
}

RC_GTEST_PROP(Product, OfIcmpIsMaximalInTypeAndCodeToo, ()) {
  demand_product(*universe::any_icmp_policy(), *universe::any_icmp_flow(), *universe::any_plane());
}

// Charon's userspace ESP reads no types, and the kernel takes one: all, or one, and a code only with its type.
RC_GTEST_PROP(Product, OfIcmpHasAllTypesOrOne, ()) {
  const auto flow = *universe::any_icmp_flow();
  const Snapshot snapshot(*universe::any_icmp_policy());
  const auto match = *snapshot.first_match(flow);
  const auto product = policy::largest_product(snapshot, match, flow, *universe::any_plane());
  const auto is_all_or_one = [](PortRange range) { return range.is_any() || range.is_single(); };
  for (const SelectorEnd& local : product.local) RC_ASSERT(is_all_or_one(local.port));
  for (const SelectorEnd& remote : product.remote) {
    RC_ASSERT(is_all_or_one(remote.port));
    RC_ASSERT(remote.port.is_any() || product.local.front().port.is_single());
  }
}

// The flow's own place on either side with some others, for its protocol or for any.
rc::Gen<SelectorList> any_tunnel(const Flow& flow) {
  const auto ends = rc::gen::resize(3, rc::gen::container<std::vector<Selector>>(universe::any_box()));
  return rc::gen::map(rc::gen::tuple(ends, ends, rc::gen::arbitrary<bool>()), [flow](const auto& parts) {
    const auto& [local, remote, own_protocol] = parts;
    SelectorList list = SelectorList::of(Selector::of(flow));
    const bool has_ports = own_protocol && base::has_ports(flow.protocol);
    for (const Selector& one : local) list.local.push_back({one.local, has_ports ? one.local_port : PortRange::any()});
    for (const Selector& one : remote) {
      list.remote.push_back({one.remote, has_ports ? one.remote_port : PortRange::any()});
    }
    if (has_ports) return list;
    if (!own_protocol) list.protocol.reset();
    const bool is_icmp = own_protocol && base::is_icmp(flow.protocol);
    for (SelectorEnd& end : list.local) end.port = is_icmp ? PortRange::only(flow.source_port) : PortRange::any();
    for (SelectorEnd& end : list.remote) end.port = is_icmp ? PortRange::only(flow.destination_port) : PortRange::any();
    return list;
  });
}

// From one that holds nothing to one that holds some ends and exemptions.
rc::Gen<policy::OfferRoom> any_room() {
  return rc::gen::map(rc::gen::inRange<std::size_t>(0, 40), [](std::size_t octets) {
    return policy::OfferRoom{
        .octets = octets,
        .of_end = [](const base::SelectorEnd& end, bool with_ports) -> std::size_t {
          return (end.address.prefix() ? 1U : 2U) + (with_ports ? 1U : 0U);
        },
        .of_exemption = [](const Selector& line) -> std::size_t { return line.remote_port.is_any() ? 3U : 4U; }};
  });
}

// More exemptions than may be told: what is offered avoids them all.
RC_GTEST_PROP(Offer, IsSoundHoweverFewExemptionsMayBeTold, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const Snapshot snapshot(rules);
  const auto match = *snapshot.first_match(flow);
  const auto room = *any_room();
  const auto offer = policy::offer(snapshot, match, flow, room);
  RC_ASSERT(offer.contains(flow));
  const bool is_shortest = offer.exempt.empty() && offer.proxy.local.size() == 1 && offer.proxy.remote.size() == 1;
  RC_ASSERT(room.taken_by(offer) <= room.octets || is_shortest);
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
  const auto product = policy::largest_product(snapshot, match, flow, plane);
  if (product.local.size() >= policy::max_ends(plane) || product.remote.size() >= policy::max_ends(plane)) return;
  const auto box = policy::offer_box(snapshot, match, flow, plane);
  RC_ASSERT(!product.protocol || box.protocol == product.protocol);
}

void demand_agreement(const std::vector<Rule>& a_rules, const std::vector<Rule>& b_rules, const Flow& flow,
                      DataPlane plane) {
  const Snapshot a(a_rules);
  const Snapshot b(b_rules);
  const auto b_offer = policy::offer(b, flow.mirrored());
  RC_PRE(policy::offer(a, flow) && b_offer);
  const auto agreed = policy::agree(a, flow, b_offer->mirrored(), plane);
  RC_ASSERT(agreed.has_value());
  RC_ASSERT(is_in(*agreed, flow) && is_exact(*agreed, plane));
  const int a_rule = universe::first_rule(a_rules, flow);
  const int b_rule = universe::first_rule(b_rules, flow.mirrored());
  RC_ASSERT(is_sound(a_rules, *agreed, a_rule));
  RC_ASSERT(is_sound(b_rules, agreed->mirrored(), b_rule));
  const auto at_b = policy::agree(b, flow.mirrored(), policy::offer(a, flow)->mirrored(), plane);
  // A flow from an address to itself has no side that both ends would begin with.
  RC_ASSERT(flow.source == flow.destination || (at_b && sorted(at_b->mirrored()) == sorted(*agreed)));
  RC_ASSERT(is_maximal(*agreed, plane, [&](const Flow& one) {
    return universe::first_rule(a_rules, one) == a_rule && universe::first_rule(b_rules, one.mirrored()) == b_rule;
  }));
}

RC_GTEST_PROP(Agreement, IsSoundAndMaximalAtBothEnds, ()) {
  demand_agreement(*universe::any_policy(), *universe::any_policy(), *universe::any_flow(), *universe::any_plane());
}

RC_GTEST_PROP(Agreement, OfIcmpIsMaximalInTypeAndCodeToo, ()) {
  demand_agreement(*universe::any_icmp_policy(), *universe::any_icmp_policy(), *universe::any_icmp_flow(),
                   *universe::any_plane());
}

// However little fits an offer: either end, asking, gets the same, sound, and the most of what was told.
RC_GTEST_PROP(Agreement, IsTheSameAtBothEndsHoweverLittleIsTold, ()) {
  const auto a_rules = *universe::any_policy();
  const auto b_rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const auto plane = *universe::any_plane();
  const auto room = *any_room();
  const Snapshot a(a_rules);
  const Snapshot b(b_rules);
  const auto a_offer = policy::offer(a, flow, room);
  const auto b_offer = policy::offer(b, flow.mirrored(), room);
  RC_PRE(a_offer && b_offer);
  const auto agreed = policy::agree(a, flow, b_offer->mirrored(), plane, policy::Candour::kTold, room);
  const auto at_b = policy::agree(b, flow.mirrored(), a_offer->mirrored(), plane, policy::Candour::kTold, room);
  RC_ASSERT(agreed.has_value() && at_b.has_value());
  RC_ASSERT(flow.source == flow.destination || sorted(at_b->mirrored()) == sorted(*agreed));
  RC_ASSERT(is_in(*agreed, flow) && is_exact(*agreed, plane));
  RC_ASSERT(is_sound(a_rules, *agreed, universe::first_rule(a_rules, flow)));
  RC_ASSERT(is_sound(b_rules, agreed->mirrored(), universe::first_rule(b_rules, flow.mirrored())));
  RC_ASSERT(is_maximal(*agreed, plane,
                       [&](const Flow& one) { return a_offer->contains(one) && b_offer->contains(one.mirrored()); }));
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
  RC_PRE(policy::offer(a, flow) && b.rule(match.rule).action == policy::Action::kProtect);
  const auto box = policy::for_response(policy::offer_box(b, match, flow.mirrored(), plane), flow.mirrored());
  const auto agreed = policy::agree(a, flow, {SelectorList::of(box.mirrored()), {}}, plane);
  RC_ASSERT(agreed.has_value());
  RC_ASSERT(is_in(*agreed, flow) && is_exact(*agreed, plane));
  RC_ASSERT(is_sound(a_rules, *agreed, universe::first_rule(a_rules, flow)));
  RC_ASSERT(is_sound(b_rules, agreed->mirrored(), universe::first_rule(b_rules, flow.mirrored())));
}

// Fewer words allow what all of them allowed, and nothing else, of all that could become a tunnel.
RC_GTEST_PROP(Compact, AllowsTheSameTunnels, ()) {
  const auto rules = *universe::any_policy();
  const auto flow = *universe::any_flow();
  const Snapshot snapshot(rules);
  const auto match = *snapshot.first_match(flow);
  const auto all = policy::Knowledge<std::uint32_t>::of(snapshot, match);
  auto fewer = all;
  policy::compact(fewer, flow);
  RC_ASSERT(fewer.exempt.size() <= all.exempt.size());
  RC_ASSERT(fewer.offer().contains(flow));
  const auto tunnel = *any_tunnel(flow);
  const auto is_in_sides = [&](const base::Offer& offer) {
    return std::ranges::all_of(universe::all_flows(),
                               [&](const Flow& one) { return !is_in(tunnel, one) || is_in(offer.proxy, one); });
  };
  const auto is_clear_of = [&](const base::Offer& offer) {
    return std::ranges::none_of(universe::all_flows(),
                                [&](const Flow& one) { return is_in(tunnel, one) && !offer.contains(one); });
  };
  RC_PRE(is_in_sides(all.offer()));
  RC_ASSERT(is_clear_of(all.offer()) == is_clear_of(fewer.offer()));
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
