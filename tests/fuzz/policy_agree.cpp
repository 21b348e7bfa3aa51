// Two policies and a flow: what both ends agree on is sound at either, contains the flow, is exact, the same at both,
// and nothing can be added to it.
#include <array>
#include <span>

#include "fuzz/fuzz.hpp"
#include "fuzz/source.hpp"
#include "policy/agree.hpp"
#include "property/policy/judge.hpp"

namespace {

using base::Protocol;
using fuzz::Source;
using policy::DataPlane;
using policy_property::Flow;

base::MaskedAddress addresses(Source& source) {
  const unsigned bits = source.below(72);
  if (bits >= 64) return base::MaskedAddress::any(base::Family::kV4);
  return {base::Address::v4(universe::kBase | (bits & 7U)), 0xfffffff8U | bits >> 3};
}

base::PortRange ports(Source& source) {
  const auto lo = static_cast<std::uint16_t>(source.below(5));
  const unsigned hi = source.below(8);
  if (hi == 7) return base::PortRange::any();
  return {lo, hi >= 5 ? std::uint16_t{65535} : static_cast<std::uint16_t>(std::max<unsigned>(lo, hi))};
}

policy::Rule rule(Source& source) {
  constexpr std::array<std::optional<Protocol>, 5> kProtocols = {std::nullopt, Protocol::kTcp, Protocol::kUdp,
                                                                 Protocol::kIcmp, universe::kGre};
  policy::Rule made;
  made.action = static_cast<policy::Action>(source.below(3));
  made.protocol = kProtocols[source.below(kProtocols.size())];
  made.local = {addresses(source)};
  made.remote = {addresses(source)};
  if (source.below(2) != 0) made.local.push_back(addresses(source));
  if (source.below(2) != 0) made.remote.push_back(addresses(source));
  if (!made.protocol) return made;
  if (base::has_ports(*made.protocol)) {
    made.local_port = ports(source);
    made.remote_port = ports(source);
  } else if (base::is_icmp(*made.protocol) && source.below(2) != 0) {
    made.local_port = base::PortRange::only(static_cast<std::uint16_t>(source.below(2)));
    if (source.below(2) != 0) made.remote_port = base::PortRange::only(static_cast<std::uint16_t>(source.below(2)));
  }
  return made;
}

std::vector<policy::Rule> policy_from(Source& source) {
  std::vector<policy::Rule> rules;
  for (unsigned left = source.below(6); left > 0; --left) rules.push_back(rule(source));
  policy::Rule rest;
  rest.local = rest.remote = {base::MaskedAddress::any(base::Family::kV4)};
  rules.push_back(rest);
  return rules;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Source source({data, size});
  const auto plane = static_cast<DataPlane>(source.below(3));
  const auto a_rules = policy_from(source);
  const auto b_rules = policy_from(source);
  const auto& flows = universe::all_flows();
  const Flow& flow = flows[(source.below(256) << 8 | source.below(256)) % flows.size()];
  const policy::Snapshot a(a_rules);
  const policy::Snapshot b(b_rules);
  const auto a_offer = policy::offer(a, flow);
  const auto b_offer = policy::offer(b, flow.mirrored());
  if (!a_offer || !b_offer) return 0;
  const auto agreed = policy::agree(a, flow, b_offer->mirrored(), plane);
  const auto at_b = policy::agree(b, flow.mirrored(), a_offer->mirrored(), plane);
  require(agreed && at_b);
  require(flow.source == flow.destination ||
          policy_property::sorted(at_b->mirrored()) == policy_property::sorted(*agreed));
  require(policy_property::is_in(*agreed, flow) && policy_property::is_exact(*agreed, plane));
  const int a_rule = universe::first_rule(a_rules, flow);
  const int b_rule = universe::first_rule(b_rules, flow.mirrored());
  require(policy_property::is_sound(a_rules, *agreed, a_rule));
  require(policy_property::is_sound(b_rules, agreed->mirrored(), b_rule));
  require(policy_property::is_maximal(*agreed, plane, [&](const Flow& one) {
    return universe::first_rule(a_rules, one) == a_rule && universe::first_rule(b_rules, one.mirrored()) == b_rule;
  }));
  return 0;
}
