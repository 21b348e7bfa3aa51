// First match and carving, beside DPDK's rte_acl and a scan of every line.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <span>
#include <string>

#include "cases.hpp"
#include "peak.hpp"
#include "policy/agree.hpp"
#include "policy/lines.hpp"
#include "policy/snapshot.hpp"
#include "rte_acl.hpp"
#include "rule_set.hpp"
#include "wire/offer.hpp"

namespace bench {

namespace {

constexpr std::size_t kFlows = 65'536;
constexpr std::size_t kBatch = 32;

struct Set {
  std::vector<policy::Rule> rules;
  std::vector<policy::RowV4> rows;
  std::vector<policy::Block> blocks;
  policy::Lines<std::uint32_t> lines;
  std::unique_ptr<policy::Snapshot> snapshot;
  std::vector<base::Flow> flows;
  std::vector<policy::Key<std::uint32_t>> keys;
  std::unique_ptr<RteAcl> acl;
  std::vector<AclKey> acl_keys;
  std::vector<const AclKey*> acl_pointers;
  std::size_t peak = 0;  ///< bytes while it is built
  std::size_t acl_peak = 0;
};

std::vector<policy::RowV4> rows_of(const std::vector<policy::Rule>& rules) {
  std::vector<policy::RowV4> rows;
  rows.reserve(rules.size());
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    const auto& rule = rules[i];
    rows.push_back(policy::to_row<std::uint32_t>(
        {rule.protocol, rule.local.front(), rule.remote.front(), rule.local_port, rule.remote_port}, i));
  }
  return rows;
}

std::shared_ptr<Set> make_set(std::size_t count, Masks masks) {
  auto set = std::make_shared<Set>();
  set->rules = make_rules(count, masks, 1);
  set->rows = rows_of(set->rules);
  set->peak = peak_memory([&set] {
    policy::Lines<std::uint32_t> lines(set->rows);
    keep(lines);
  });
  if (RteAcl::is_here()) {
    set->acl_peak = peak_memory([&set] {
      RteAcl acl(set->rules);
      keep(acl);
    });
  }
  set->lines = policy::Lines<std::uint32_t>(set->rows);
  set->snapshot = std::make_unique<policy::Snapshot>(set->rules);
  set->blocks.resize((count + policy::Block::kLanes - 1) / policy::Block::kLanes);
  for (std::uint32_t i = 0; i < count; ++i) {
    set->blocks[i / policy::Block::kLanes].set(i % policy::Block::kLanes, set->rows[i], i);
  }
  set->flows = make_flows(set->rules, kFlows, 2);
  for (const auto& flow : set->flows) set->keys.push_back(policy::to_key<std::uint32_t>(flow));
  if (RteAcl::is_here()) {
    set->acl = std::make_unique<RteAcl>(set->rules);
    set->acl_keys = acl_keys(set->flows);
    for (const AclKey& key : set->acl_keys) set->acl_pointers.push_back(&key);
  }
  return set;
}

// The same answer from both, or there is nothing to compare.
bool agrees(const Set& set) {
  if (!set.acl) return true;
  std::vector<std::uint32_t> theirs(kFlows);
  set.acl->classify(set.acl_pointers, theirs);
  for (std::size_t i = 0; i < kFlows; ++i) {
    const auto line = set.lines.first(set.keys[i]);
    if (theirs[i] != (line == policy::kNoLine ? 0 : line + 1)) {
      std::fprintf(stderr, "tedbench: %s: rte_acl says rule %u, we say %u\n", set.flows[i].text().c_str(), theirs[i],
                   line + 1);
      return false;
    }
  }
  return true;
}

std::string title(std::size_t count, Masks masks) {
  return std::to_string(count) + " rules" + (masks == Masks::kAnyShape ? ", masks" : "");
}

void add_look_up(std::vector<Case>& cases, const std::shared_ptr<Set>& set, const std::string& title) {
  const std::string peer = "rte_acl, one by one: " + title;
  const std::string batch_peer = "rte_acl, 32 at once: " + title;
  if (set->acl) {
    cases.push_back({peer, {}, 0, kFlows, {}, [set] {
                       std::uint32_t rule = 0;
                       for (const AclKey* const& key : set->acl_pointers) {
                         set->acl->classify(std::span(&key, 1), std::span(&rule, 1));
                         keep(rule);
                       }
                     }});
    cases.push_back({batch_peer, {}, 0, kFlows, {}, [set] {
                       std::array<std::uint32_t, kBatch> rules{};
                       const std::span keys(set->acl_pointers);
                       for (std::size_t i = 0; i < kFlows; i += kBatch) {
                         set->acl->classify(keys.subspan(i, kBatch), rules);
                         keep(rules);
                       }
                     }});
  }
  const std::size_t few = set->rules.size() <= 10'000 ? 4096 : 256;
  cases.push_back({"every line compared, 16 at once: " + title, {}, 0, few, {}, [set, few] {
                     for (std::size_t i = 0; i < few; ++i) {
                       auto line = policy::first_in(set->blocks, set->keys[i]);
                       keep(line);
                     }
                   }});
  cases.push_back({"first match, one by one: " + title, peer, 0, kFlows, {}, [set] {
                     for (const auto& key : set->keys) {
                       auto line = set->lines.first(key);
                       keep(line);
                     }
                   }});
  cases.push_back({"first match, 32 at once: " + title, batch_peer, 0, kFlows, {}, [set] {
                     std::array<policy::LineIndex, kBatch> lines{};
                     const std::span<const policy::Key<std::uint32_t>> keys(set->keys);
                     for (std::size_t i = 0; i < kFlows; i += kBatch) {
                       set->lines.first(keys.subspan(i, kBatch), lines);
                       keep(lines);
                     }
                   }});
}

void add_build(std::vector<Case>& cases, const std::shared_ptr<Set>& set, const std::string& title) {
  const std::string peer = "rte_acl, build: " + title;
  if (set->acl) {
    cases.push_back({peer, {}, 0, 1, {}, [set] { RteAcl again(set->rules); }});
  }
  cases.push_back({"build: " + title, peer, 0, 1, {}, [set] {
                     policy::Lines<std::uint32_t> again(set->rows);
                     keep(again);
                   }});
}

// One rule in the middle is another; the list of rules is the caller's, as a reload's is the reader's.
void add_replacing(std::vector<Case>& cases, const std::shared_ptr<Set>& set, const std::string& title, double goal) {
  auto rules = std::make_shared<std::vector<policy::Rule>>();
  auto after = std::make_shared<std::unique_ptr<policy::Snapshot>>();
  const auto prepare = [set, rules, after] {
    after->reset();
    *rules = set->rules;
    policy::Rule& rule = (*rules)[rules->size() / 2];
    std::swap(rule.local, rule.remote);
    rule.remote_port = base::PortRange::only(12345);
  };
  cases.push_back({"replace one rule: " + title, {}, goal, 1, prepare, [set, rules, after] {
                     *after = std::make_unique<policy::Snapshot>(std::move(*rules), *set->snapshot);
                     keep(*after);
                   }});
}

using Carved = std::pair<base::Flow, policy::Match>;

// What a gateway does for each probe that it answers: all that a response has room for.
void carve(const policy::Snapshot& snapshot, const Carved& carved) {
  auto offer = policy::offer(snapshot, carved.second, carved.first, wire::response_room(base::Family::kV4));
  keep(offer);
}

// Flows whose first match is a late protect rule, so that there is something to carve around; the quickest first.
std::vector<Carved> late_flows(const Set& set) {
  static constexpr std::size_t kLate = 256;
  std::vector<std::pair<std::chrono::nanoseconds, Carved>> late;
  for (const auto& flow : set.flows) {
    const auto match = set.snapshot->first_match(flow);
    if (!match || static_cast<std::size_t>(match->rule) <= set.rules.size() / 2 ||
        set.snapshot->rule(match->rule).action != policy::Action::kProtect) {
      continue;
    }
    auto& [best, carved] = late.emplace_back(std::chrono::nanoseconds::max(), Carved{flow, *match});
    for (int i = 0; i < 5; ++i) {
      const auto began = std::chrono::steady_clock::now();
      carve(*set.snapshot, carved);
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - began);
    }
    if (late.size() == kLate) break;
  }
  std::ranges::sort(late, {}, [](const auto& one) { return one.first; });
  std::vector<Carved> flows;
  for (const auto& [unused, carved] : late) flows.push_back(carved);
  return flows;
}

// The goal is for the flow in the middle; the mean has what few wide rules behind many narrow ones cost.
void add_carving(std::vector<Case>& cases, const std::shared_ptr<Set>& set, const std::string& title, double goal) {
  const auto late = std::make_shared<std::vector<Carved>>(late_flows(*set));
  if (late->empty()) return;
  static constexpr std::size_t kAgain = 32;  // reading the clock is dear beside it
  const std::size_t middle = late->size() / 2;
  cases.push_back({"carve, the median flow: " + title, {}, goal, kAgain, {}, [set, late, middle] {
                     for (std::size_t i = 0; i < kAgain; ++i) carve(*set->snapshot, (*late)[middle]);
                   }});
  cases.push_back({"carve, the mean of all: " + title, {}, 0, late->size(), {}, [set, late] {
                     for (const Carved& carved : *late) carve(*set->snapshot, carved);
                   }});
}

// A rule of which every earlier line takes something: a host here, a network there.
std::vector<policy::Rule> make_crowd(std::size_t count) {
  std::mt19937 random(1);
  const auto below = [&random](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
  std::vector<policy::Rule> rules(count + 1);
  for (policy::Rule& rule : rules) {
    rule.action = policy::Action::kBypass;
    rule.local = {base::Prefix(base::Address::v4(0x0a010000U | below(1U << 16)), 32)};
    rule.remote = {base::Prefix(base::Address::v4(0x0a000000U | below(1U << 24)), 24)};
  }
  rules.back().action = policy::Action::kProtect;
  rules.back().local = {base::Prefix(base::Address::v4(0x0a010000U), 16)};
  rules.back().remote = {base::Prefix(base::Address::v4(0x0a000000U), 8)};
  return rules;
}

void add_crowd(std::vector<Case>& cases, std::size_t count) {
  const auto snapshot = std::make_shared<policy::Snapshot>(make_crowd(count));
  const auto flow = *base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443");
  const Carved carved{flow, *snapshot->first_match(flow)};
  cases.push_back({"carve: " + std::to_string(count) + " lines that touch", {}, 0, 1, {}, [snapshot, carved] {
                     carve(*snapshot, carved);
                   }});
}

std::string memory_text(const Set& set) {
  const auto kib = [](std::size_t bytes) { return std::to_string(bytes / 1024) + " KiB"; };
  const std::string theirs =
      set.acl ? kib(set.acl->memory()) + ", " + kib(set.acl_peak) + " while it is built" : "not here";
  return kib(set.lines.memory()) + ", " + kib(set.peak) + " while it is built; rte_acl " + theirs + "; " +
         std::to_string(set.lines.tuples()) + " tuples";
}

}  // namespace

bool add_policy_cases(std::vector<Case>& cases, std::vector<std::string>& facts) {
  if (!RteAcl::is_here()) std::fprintf(stderr, "tedbench: without rte_acl: %s\n", RteAcl::why_not().c_str());
  for (const std::size_t count : {10U, 100U, 1'000U, 2'000U, 10'000U, 100'000U}) {
    for (const Masks masks : {Masks::kPrefixes, Masks::kAnyShape}) {
      const auto set = make_set(count, masks);
      if (!agrees(*set)) return false;
      const std::string name = title(count, masks);
      add_look_up(cases, set, name);
      add_build(cases, set, name);
      if (masks == Masks::kPrefixes && count >= 10'000) {
        add_replacing(cases, set, name, count == 100'000 ? 10'000'000 : 0);
      }
      add_carving(cases, set, name, count == 1'000 ? 20'000 : count == 100'000 ? 1'000'000 : 0);
      facts.push_back("memory: " + name + ": " + memory_text(*set));
    }
  }
  for (const std::size_t count : {100U, 1'000U, 10'000U, 40'000U}) add_crowd(cases, count);
  return true;
}

}  // namespace bench
