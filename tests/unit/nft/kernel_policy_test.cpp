// Whatever the policy: what the kernel does to a packet is what the policy says about its flow.
#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <random>
#include <set>
#include <span>

#include "kernel_fixture.hpp"

namespace nft_test {
namespace {

using policy::Action;
using policy::Rule;
using policy::Snapshot;
using Random = std::mt19937;

template <class T>
T one_of(Random& random, std::initializer_list<T> values) {
  return values.begin()[random() % values.size()];
}

// Small pools, so that rules and flows meet often; ranges, single ports and masks that are no prefix among them. None
// covers the marker that ends each crossing.

base::MaskedAddress pick_side(Random& random, bool v4, bool local) {
  if (!v4)
    return masked(local ? one_of(random, {"fd00:1::/32", "fd00:1::2", "::/0"})
                        : one_of(random, {"fd00:9::/32", "fd00:9::3", "::/0", "::3/::f"}));
  return masked(
      local ? one_of(random, {"10.1.0.0/16", "10.1.0.0/24", "10.1.0.2", "10.1.0.1/255.255.0.1", "10.0.0.0/8"})
            : one_of(random, {"10.2.0.0/16", "10.2.0.0/24", "10.0.0.0/8", "10.0.0.3/255.0.0.255", "0.0.0.0/1"}));
}

base::PortRange pick_ports(Random& random) {
  return one_of<base::PortRange>(random, {{}, {}, base::PortRange::only(53), {53, 80}, {1000, 2000}});
}

Rule pick_rule(Random& random, std::size_t number) {
  Rule rule;
  rule.name = "r" + std::to_string(number);
  rule.action = one_of(random, {Action::kProtect, Action::kProtect, Action::kBypass, Action::kBlock});
  const std::size_t pairs = random() % 2 + 1;
  for (std::size_t i = 0; i < pairs; ++i) {
    const bool v4 = random() % 3 != 0;
    rule.local.push_back(pick_side(random, v4, true));
    rule.remote.push_back(pick_side(random, v4, false));
  }
  if (random() % 3 != 0) {
    rule.protocol = one_of(random, {base::Protocol::kTcp, base::Protocol::kUdp, base::Protocol::kGre});
    if (base::has_ports(*rule.protocol)) {
      rule.local_port = pick_ports(random);
      rule.remote_port = pick_ports(random);
    }
  }
  rule.discover = random() % 4 != 0;
  if (random() % 4 == 0) rule.on_failure = policy::OnFailure::kBypass;
  return rule;
}

Snapshot pick_policy(Random& random) {
  std::vector<Rule> rules;
  for (std::size_t i = random() % 6; i > 0; --i) rules.push_back(pick_rule(random, rules.size()));
  return Snapshot(std::move(rules));
}

/// As the policy sees it: the source is the inside.
base::Flow pick_flow(Random& random) {
  const bool v4 = random() % 3 != 0;
  base::Flow flow;
  flow.source =
      address(v4 ? one_of(random, {"10.1.0.1", "10.1.0.2", "10.1.7.3"}) : one_of(random, {"fd00:1::2", "fd00:1::3"}));
  flow.destination = address(v4 ? one_of(random, {"10.2.0.3", "10.2.0.7", "10.2.9.3", "10.9.0.1"})
                                : one_of(random, {"fd00:9::3", "fd00:9::4", "fd00:7::3"}));
  flow.protocol = one_of(random, {base::Protocol::kTcp, base::Protocol::kUdp, base::Protocol::kGre});
  if (base::has_ports(flow.protocol)) {
    flow.source_port = one_of<std::uint16_t>(random, {53, 54, 80, 1000, 2001});
    flow.destination_port = one_of<std::uint16_t>(random, {53, 54, 80, 1000, 2001});
  }
  return flow;
}

/// Distinct to the guard's eye, which reports one of a kind in a second and may not look at source ports.
std::vector<base::Flow> pick_flows(Random& random, std::size_t count) {
  std::vector<base::Flow> flows;
  std::set<std::string> kinds;
  while (flows.size() < count) {
    const auto flow = pick_flow(random);
    auto kind = flow;
    kind.source_port = 0;
    if (kinds.insert(kind.text()).second) flows.push_back(flow);
  }
  return flows;
}

struct Verdict {
  bool passes = true;
  bool reported = false;
};

Verdict verdict_of(const Snapshot& policy, const base::Flow& flow, bool outward) {
  const auto match = policy.first_match(flow);
  if (!match) return {};
  const Rule& rule = policy.rule(match->rule);
  return {rule.action == Action::kBypass, outward && rule.action == Action::kProtect && rule.discover};
}

std::string described(const Snapshot& policy) {
  std::string text;
  for (const auto& [index, line] : policy.lines()) {
    const Rule& rule = policy.rule(index);
    const char* action = rule.action == Action::kProtect ? " protect "
                         : rule.action == Action::kBlock ? " block "
                                                         : " bypass ";
    text += "  " + rule.name + action + line.text() + (rule.discover ? "\n" : ", no discovery\n");
  }
  return text;
}

class RandomPolicy : public Kernel {
 protected:
  static constexpr std::size_t kPolicies = 150;
  static constexpr std::size_t kFlows = 24;

  static base::Bytes packet(const base::Flow& flow, std::size_t number) {
    return support::packet_of(flow, base::Bytes{0xde, 0xad, 0xbe, static_cast<std::uint8_t>(number)});
  }
  /// Which of the numbered packets are among these.
  static std::set<std::size_t> numbers(const std::vector<base::Bytes>& packets) {
    std::set<std::size_t> found;
    for (const auto& packet : packets) found.insert(packet.back());
    return found;
  }

  void expect_verdicts(const Snapshot& policy, const std::vector<base::Flow>& flows, bool outward,
                       nflog::Reader& reader) {
    std::set<std::size_t> passes;
    std::set<std::size_t> reported;
    std::vector<base::Bytes> packets;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      const Verdict wanted = verdict_of(policy, flows[i], outward);
      if (wanted.passes) passes.insert(i);
      if (wanted.reported) reported.insert(i);
      packets.push_back(packet(outward ? flows[i] : flows[i].mirrored(), i));
    }
    const auto crossed = numbers(cross(outward, packets));
    const auto caught = numbers(read_packets(reader, reported.size()));
    for (std::size_t i = 0; i < flows.size(); ++i) {
      EXPECT_EQ(crossed.contains(i), passes.contains(i)) << (outward ? "outward " : "inward ") << flows[i].text();
      EXPECT_EQ(caught.contains(i), reported.contains(i)) << (outward ? "outward " : "inward ") << flows[i].text();
    }
    EXPECT_EQ(reader.read([](auto, const auto&) {}).value(), 0U) << "more reports than flows to discover";
    passed_ += passes.size();
    reported_ += reported.size();
  }

  /// The same without reports; some at a time, as many as a capture holds.
  void expect_crossing(const Snapshot& policy, std::span<const base::Flow> flows, bool outward) {
    for (; !flows.empty(); flows = flows.subspan(std::min(flows.size(), kAtOnce))) {
      const auto some = flows.first(std::min(flows.size(), kAtOnce));
      std::vector<base::Bytes> packets;
      for (const base::Flow& flow : some) packets.push_back(packet(outward ? flow : flow.mirrored(), packets.size()));
      const auto crossed = numbers(cross(outward, packets));
      for (std::size_t i = 0; i < some.size(); ++i) {
        EXPECT_EQ(crossed.contains(i), verdict_of(policy, some[i], outward).passes)
            << (outward ? "outward " : "inward ") << some[i].text();
        passed_ += crossed.contains(i) ? 1U : 0U;
      }
    }
  }

  /// Line by line and as a plan, however short it is.
  void load_in_turn(const Snapshot& policy, std::size_t turn) {
    if (turn % 2 == 0) return load(policy);
    load_planned(policy, 0);
  }

  static constexpr std::size_t kAtOnce = 200;
  std::size_t passed_ = 0;
  std::size_t reported_ = 0;
};

TEST_F(RandomPolicy, TheKernelDecidesAsThePolicyDoes) {
  auto reader = open_reader(kCatchGroup);
  Random random(20010807);
  for (std::size_t i = 0; i < kPolicies && !HasFailure(); ++i) {
    const Snapshot policy = pick_policy(random);
    SCOPED_TRACE("policy " + std::to_string(i) + ":\n" + described(policy));
    load_in_turn(policy, i);
    const auto flows = pick_flows(random, kFlows);
    expect_verdicts(policy, flows, true, reader);
    expect_verdicts(policy, flows, false, reader);
  }
  EXPECT_GT(passed_, kPolicies * kFlows / 4) << "the test must see every outcome often";
  EXPECT_LT(passed_, kPolicies * kFlows * 7 / 4);
  EXPECT_GT(reported_, kPolicies * kFlows / 10);
}

TEST_F(RandomPolicy, AnErrorLeavesInTheClearWhenThePacketThatItQuotesWould) {
  Random random(20020326);
  for (std::size_t i = 0; i < kPolicies && !HasFailure(); ++i) {
    const Snapshot policy = pick_policy(random);
    SCOPED_TRACE("policy " + std::to_string(i) + ":\n" + described(policy));
    load_in_turn(policy, i);
    const auto flows = pick_flows(random, kFlows);
    std::vector<base::Bytes> errors;
    for (const base::Flow& flow : flows) {
      base::Bytes data(8);
      data.back() = static_cast<std::uint8_t>(errors.size());
      errors.push_back(error_packet(flow.mirrored(), support::packet_of(flow.mirrored(), data)));
    }
    const auto crossed = numbers(cross(true, errors));
    for (std::size_t n = 0; n < flows.size(); ++n) {
      // By its own flow, as everything; and by what it quotes.
      const bool passes = verdict_of(policy, error_about(flows[n].mirrored()), true).passes &&
                          verdict_of(policy, flows[n], true).passes;
      EXPECT_EQ(crossed.contains(n), passes) << "about " << flows[n].mirrored().text();
      passed_ += passes ? 1U : 0U;
    }
  }
  EXPECT_GT(passed_, kPolicies * kFlows / 8) << "the test must see both outcomes often";
  EXPECT_LT(passed_, kPolicies * kFlows * 7 / 8);
}

// Thousands of lines over few networks, so that they nest, cross and repeat; rules for every way to end.
Rule pick_large_rule(Random& random, std::size_t number) {
  Rule rule;
  rule.name = "r" + std::to_string(number);
  rule.action = one_of(random, {Action::kProtect, Action::kProtect, Action::kBypass, Action::kBlock});
  rule.discover = random() % 4 != 0;
  if (random() % 4 == 0) rule.on_failure = policy::OnFailure::kBypass;
  const auto side = [&](std::uint32_t base) {
    if (random() % 128 == 0) return base::MaskedAddress(base::Prefix(base::Address::v4(base), 8));
    const auto address = base::Address::v4(base | (static_cast<std::uint32_t>(random() % 64) << 10) | (random() % 4));
    if (random() % 128 == 0) return base::MaskedAddress(address, 0xffff00ff);
    return base::MaskedAddress(base::Prefix(address, one_of(random, {20U, 22U, 24U, 24U, 24U, 31U, 32U, 32U, 32U})));
  };
  rule.local = {side(0x0a010000)};
  rule.remote = {side(0x0b020000)};
  if (random() % 4 == 0) return rule;
  rule.protocol = one_of(random, {base::Protocol::kTcp, base::Protocol::kUdp, base::Protocol::kGre});
  if (!base::has_ports(*rule.protocol)) return rule;
  rule.local_port = pick_ports(random);
  rule.remote_port = pick_ports(random);
  return rule;
}

base::Flow pick_large_flow(Random& random) {
  const auto inside = [&](std::uint32_t base) {
    return base::Address::v4(base | (static_cast<std::uint32_t>(random() % 64) << 10) | (random() % 4));
  };
  base::Flow flow{inside(0x0a010000), inside(0x0b020000), {}, 0, 0};
  flow.protocol = one_of(random, {base::Protocol::kTcp, base::Protocol::kUdp, base::Protocol::kGre});
  if (base::has_ports(flow.protocol)) {
    flow.source_port = one_of<std::uint16_t>(random, {53, 54, 80, 1000, 2001});
    flow.destination_port = one_of<std::uint16_t>(random, {53, 54, 80, 1000, 2001});
  }
  return flow;
}

TEST_F(RandomPolicy, TheKernelDecidesThousandsOfLinesAsThePolicyDoes) {
  Random random(19990101);
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < 2500; ++i) rules.push_back(pick_large_rule(random, i));
  const Snapshot policy(std::move(rules));
  load_planned(policy);
  for (const bool outward : {true, false}) {
    std::vector<base::Flow> flows;
    for (std::size_t i = 0; i < 200; ++i) flows.push_back(pick_large_flow(random));
    passed_ = 0;
    expect_crossing(policy, flows, outward);
    EXPECT_GT(passed_, flows.size() / 10);
    EXPECT_LT(passed_, flows.size() * 9 / 10);
  }
}

// Networks in threes: one protected, the next one blocked, the third in no rule. So many make maps without names.
constexpr std::uint32_t kTriples = 200;

base::MaskedAddress network(bool v4, std::uint32_t number) {
  if (v4) return base::Prefix(base::Address::v4(0x0b000000 + (number << 8)), 24);
  const base::Uint128 high = static_cast<base::Uint128>(0xfd00'0009'0000'0000 + number) << 64;
  return base::Prefix(base::Address(base::Family::kV6, high), 64);
}

std::vector<Rule> many_networks(bool v4) {
  std::vector<Rule> rules;
  for (std::uint32_t number = 0; number < 3 * kTriples; ++number) {
    if (number % 3 == 2) continue;
    Rule rule;
    rule.name = "n" + std::to_string(number);
    rule.action = number % 3 == 0 ? Action::kProtect : Action::kBlock;
    rule.local = {masked(v4 ? "10.1.0.0/16" : "fd00:1::/32")};
    rule.remote = {network(v4, number)};
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// For whatever the networks leave: more than a list that would be repeated in each of them.
std::vector<Rule> wide_rules(bool v4) {
  std::vector<Rule> rules;
  for (std::uint16_t port = 100; port < 120; port += 2) {
    Rule rule;
    rule.name = "w" + std::to_string(port);
    rule.action = Action::kBlock;
    rule.local = {masked(v4 ? "10.1.0.0/16" : "fd00:1::/32")};
    rule.remote = {masked(v4 ? "8.0.0.0/5" : "fd00:8::/29")};
    rule.protocol = base::Protocol::kUdp;
    rule.remote_port = base::PortRange::only(port);
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// To the first and the last address of each network, and to those beside them.
std::vector<base::Flow> flows_to_edges(bool v4) {
  std::vector<base::Flow> flows;
  for (std::uint32_t number = 0; number < 3 * kTriples; ++number) {
    const auto remote = network(v4, number);
    for (const base::Uint128 host : {base::Uint128{0}, ~remote.mask() & base::all_ones(remote.family())}) {
      flows.push_back({address(v4 ? "10.1.0.2" : "fd00:1::2"),
                       base::Address(remote.family(), remote.address().value() | host), base::Protocol::kUdp, 4000,
                       static_cast<std::uint16_t>(100 + number % 5)});
    }
  }
  return flows;
}

TEST_F(RandomPolicy, AMapOfManyNetworksHoldsEachToTheLetter) {
  for (const bool v4 : {true, false}) {
    for (const bool wide : {false, true}) {
      SCOPED_TRACE(std::string(v4 ? "IPv4" : "IPv6") + (wide ? ", and wide rules behind" : ""));
      auto rules = many_networks(v4);
      if (wide) std::ranges::move(wide_rules(v4), std::back_inserter(rules));
      const Snapshot policy(std::move(rules));
      load_planned(policy);
      EXPECT_NE(client_->list(nft::kGuardTable).value().find("vmap {"), std::string::npos) << "every map has a name";
      const auto flows = flows_to_edges(v4);
      for (const bool outward : {true, false}) expect_crossing(policy, flows, outward);
    }
  }
}

}  // namespace
}  // namespace nft_test
