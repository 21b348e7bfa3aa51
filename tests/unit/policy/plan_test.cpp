// A plan decides every flow as the first matching rule does, and asks few questions for it.
#include "policy/plan.hpp"

#include <random>

#include "build.hpp"

namespace policy_test {
namespace {

using base::Family;
using policy::Action;
using policy::Outcome;
using policy::Plan;
using policy::Rule;
using policy::Snapshot;
using Random = std::mt19937;

template <class T>
T one_of(Random& random, std::initializer_list<T> values) {
  return values.begin()[random() % values.size()];
}

/// Bypassed, protected, and blocked flows end differently.
std::vector<Outcome> outcomes_of(const Snapshot& snapshot) {
  std::vector<Outcome> outcomes;
  for (const Rule& rule : snapshot.rules()) {
    outcomes.push_back(rule.action == Action::kBypass ? policy::kPass : rule.action == Action::kProtect ? 1 : 2);
  }
  return outcomes;
}

Outcome expected(const Snapshot& snapshot, const std::vector<Outcome>& outcomes, const base::Flow& flow) {
  const auto match = snapshot.first_match(flow);
  return match ? outcomes[static_cast<std::size_t>(match->rule)] : policy::kPass;
}

/// Few bits and few ports, so that rules and flows meet; masks with holes among them.
struct World {
  Family family = Family::kV4;
  unsigned bits = 4;

  [[nodiscard]] base::Address address(Random& random) const {
    const unsigned width = base::width(family);
    return {family, static_cast<base::Uint128>(random() % (1U << bits)) << (width - 8)};
  }
  [[nodiscard]] base::MaskedAddress side(Random& random) const {
    const unsigned width = base::width(family);
    const base::Uint128 above = base::prefix_mask(family, 8 - bits);
    const base::Uint128 mask = static_cast<base::Uint128>(random() % (1U << bits)) << (width - 8);
    if (random() % 4 == 0) return {address(random), mask | above};
    return base::Prefix(address(random),
                        random() % 6 == 0 ? 0 : 8 - bits + static_cast<unsigned>(random() % (bits + 1)));
  }
};

base::PortRange pick_ports(Random& random) {
  return one_of<base::PortRange>(random, {{}, {}, base::PortRange::only(3), {2, 5}, {4, 6}, {0, 3}, {5, 65535}});
}

Rule pick_rule(Random& random, const World& world, std::size_t number) {
  Rule rule;
  rule.name = "r" + std::to_string(number);
  rule.action = one_of(random, {Action::kProtect, Action::kProtect, Action::kBypass, Action::kBlock});
  for (std::size_t i = random() % 2 + 1; i > 0; --i) rule.local.push_back(world.side(random));
  for (std::size_t i = random() % 2 + 1; i > 0; --i) rule.remote.push_back(world.side(random));
  if (random() % 4 == 0) return rule;
  rule.protocol =
      one_of(random, {base::Protocol::kTcp, base::Protocol::kUdp, base::Protocol::kGre, base::Protocol::kIcmp});
  if (*rule.protocol == base::Protocol::kGre) return rule;
  rule.local_port = pick_ports(random);
  rule.remote_port = pick_ports(random);
  return rule;
}

base::Flow pick_flow(Random& random, const World& world) {
  base::Flow flow{world.address(random), world.address(random), {}, 0, 0};
  flow.protocol =
      one_of(random, {base::Protocol::kTcp, base::Protocol::kUdp, base::Protocol::kGre, base::Protocol::kIcmp});
  if (flow.protocol == base::Protocol::kGre) return flow;
  flow.source_port = static_cast<std::uint16_t>(random() % 8);
  flow.destination_port = static_cast<std::uint16_t>(random() % 8);
  return flow;
}

bool may_leave_undecided(const Plan& plan, Plan::Target target) {
  while (target.is_step) target = plan.steps()[target.index].next;
  return target.index == policy::kUndecided;
}

/// A map in the kernel may hold the outcome for all that it does not name: so nothing may come back from its branches.
void expect_outcomes_behind_outcomes(const Plan& plan) {
  for (const Plan::Step& step : plan.steps()) {
    if (step.next.is_step || step.next.index == policy::kUndecided) continue;
    for (const Plan::Branch& branch : step.branches) EXPECT_FALSE(may_leave_undecided(plan, branch.target));
  }
}

TEST(Plan, DecidesAsTheFirstMatchDoes) {
  Random random(20010807);
  std::size_t branched = 0;
  for (std::size_t i = 0; i < 600 && !testing::Test::HasFailure(); ++i) {
    const World world{i % 3 == 0 ? Family::kV6 : Family::kV4, 2 + static_cast<unsigned>(i % 4)};
    std::vector<Rule> rules;
    for (std::size_t count = random() % 60; count > 0; --count) rules.push_back(pick_rule(random, world, count));
    const Snapshot snapshot(std::move(rules));
    const auto outcomes = outcomes_of(snapshot);
    const auto plan = Plan::make(snapshot, world.family, outcomes);
    ASSERT_TRUE(plan) << plan.error().message;
    expect_outcomes_behind_outcomes(*plan);
    for (std::size_t n = 0; n < 400; ++n) {
      const base::Flow flow = pick_flow(random, world);
      Plan::Cost cost;
      EXPECT_EQ(plan->outcome(flow, cost), expected(snapshot, outcomes, flow)) << "policy " << i << ", " << flow.text();
      branched += cost.branches;
    }
  }
  EXPECT_GT(branched, 100'000U) << "the test must see branches";
}

TEST(Plan, OfNothingPasses) {
  const auto plan = Plan::make(Snapshot(std::vector<Rule>{}), Family::kV4, {});
  ASSERT_TRUE(plan);
  Plan::Cost cost;
  EXPECT_EQ(plan->outcome(flow("tcp 10.1.0.1:1 > 10.2.0.1:1"), cost), policy::kPass);
  EXPECT_EQ(cost.lines + cost.branches, 0U);
  EXPECT_TRUE(plan->steps().empty());
}

base::Selector network(std::uint32_t number) {
  auto made = box("tcp", "10.1.0.0/16", "0.0.0.0/0", "any", "443");
  made.remote = base::Prefix(base::Address::v4(0x0b000000U + (number << 8)), 24);
  return made;
}

// The expected way of large policies: one look-up, however many networks there are, and steps that they share.
TEST(Plan, OfManyNetworksIsOneLookUp) {
  std::vector<Rule> rules;
  for (std::uint32_t i = 0; i < 20'000; ++i) rules.push_back(protect("r" + std::to_string(i), network(2 * i)));
  const Snapshot snapshot(std::move(rules));
  const auto plan = Plan::make(snapshot, Family::kV4, outcomes_of(snapshot));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->steps().size(), 2U);
  Plan::Cost cost;
  EXPECT_EQ(plan->outcome(flow("tcp 10.1.0.1:1 > 11.0.2.1:443"), cost), 1U);
  EXPECT_EQ(cost.branches, 1U);
  EXPECT_EQ(cost.lines, 1U);
}

// A line for one host in all of a thousand networks, ahead of them: its copies are in each of them, and nowhere else.
TEST(Plan, CopiesWhatComesBeforeAndEndsOtherwise) {
  std::vector<Rule> rules{bypass("early", box("tcp", "10.1.0.7", "11.0.0.0/8"))};
  for (std::uint32_t i = 0; i < 1000; ++i) rules.push_back(protect("r" + std::to_string(i), network(2 * i)));
  const Snapshot snapshot(std::move(rules));
  const auto plan = Plan::make(snapshot, Family::kV4, outcomes_of(snapshot));
  ASSERT_TRUE(plan);
  EXPECT_LE(plan->steps().size(), 3U) << "the networks share one step";
  Plan::Cost cost;
  EXPECT_EQ(plan->outcome(flow("tcp 10.1.0.7:1 > 11.0.2.1:443"), cost), policy::kPass);
  EXPECT_EQ(plan->outcome(flow("tcp 10.1.0.8:1 > 11.0.2.1:443"), cost), 1U);
}

// Hosts that may go anywhere, in turn with networks that nobody may enter: which of the two comes first differs for
// each pair, and nothing short of all pairs says it.
TEST(Plan, RefusesWhatItWouldHaveToCopyTooOften) {
  std::vector<Rule> rules;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    auto host = box("any", "0.0.0.0/0", "0.0.0.0/0");
    host.local = base::MaskedAddress::host(base::Address::v4(0x0a010000U + i));
    rules.push_back(bypass("host" + std::to_string(i), host));
    auto into = network(2 * i);
    into.local = base::MaskedAddress::any(Family::kV4);
    rules.push_back(protect("network" + std::to_string(i), into));
  }
  const Snapshot snapshot(std::move(rules));
  const auto plan = Plan::make(snapshot, Family::kV4, outcomes_of(snapshot));
  ASSERT_FALSE(plan);
  const std::string& name = snapshot.rule(plan.error().rule).name;
  EXPECT_TRUE(plan.error().message.starts_with("rule '" + name + "' shares flows")) << plan.error().message;
  EXPECT_FALSE(plan.error().hint.empty());
}

}  // namespace
}  // namespace policy_test
