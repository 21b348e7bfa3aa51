// First match as a graph of small steps: the form in which a data plane can ask thousands of lines without trying each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/flow.hpp"
#include "base/result.hpp"
#include "policy/rows.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// What becomes of a flow, numbered by the caller: rules with the same number need not be told apart, so their order
/// among themselves is free. 0 is what becomes of a flow that no rule matches.
using Outcome = std::uint32_t;
inline constexpr Outcome kPass = 0;
/// Of a target: nothing is decided, so the flow goes on where the last branch was taken.
inline constexpr Outcome kUndecided = ~Outcome{0};

/// Why a policy has no plan, and the rule that is most to blame.
struct PlanError {
  RuleIndex rule{};
  std::string message;  ///< a sentence that names the rule and the reason
  std::string hint;     ///< the way out
};

/// Lines that may be copied while a plan is made, for one family, to keep the order of lines that share flows: a second
/// or two, and some 100 bytes each meanwhile. Most of them turn out to be alike, or covered.
inline constexpr std::size_t kMaxCopies = 4'000'000;
/// Lines and branches that the steps of one family may have, or twice as many as the policy has lines: the kernel has a
/// rule or two map elements for each, takes them in some 10 µs, and follows all of them when it looks for loops.
inline constexpr std::size_t kMaxPlanEntries = 750'000;
/// Lines that a flow may be compared with one after another, where no field tells them apart without too many copies:
/// some 20 µs.
inline constexpr std::size_t kMaxPlanList = 512;
/// Pairs of lines that may be compared while a plan is made: a second or two.
inline constexpr std::size_t kMaxComparisons = 400'000'000;
/// Steps that follow one another: the kernel goes 16 chains deep, with those of hooks, openings and reports.
inline constexpr std::size_t kMaxDepth = 10;
/// Lines of one family: what the kernel takes in a few seconds, and ten times the largest policy that was measured.
inline constexpr std::size_t kMaxPlannedLines = 1'000'000;

/// The lines of one family of a policy. Never changes once built.
class Plan {
 public:
  using Word = base::Uint128;  ///< an address of either family
  using Line = Row<Word>;      ///< what is still to be compared; `rule` is the outcome of a flow that it contains

  enum class Field : std::uint8_t { kLocal, kRemote, kProtocol, kLocalPort, kRemotePort };

  /// Where a flow goes on: another step, or its outcome.
  struct Target {
    bool is_step = false;
    std::uint32_t index = kPass;  ///< of the step; or the outcome

    bool operator==(const Target&) const = default;
  };
  /// Values of a step's field, both ends included.
  struct Branch {
    Word first{};
    Word last{};
    Target target;

    bool operator==(const Branch&) const = default;
  };
  /// A flow takes the outcome of the first of `lines` that contains it; else the branch that holds its value, and what
  /// that leaves undecided goes on with `next`. So the steps are a tree but for those that are short: the kernel walks
  /// every way through its chains when it takes them. Where `next` is an outcome, no branch leaves anything undecided:
  /// a value without a branch has that outcome. Branches are disjoint and ascending. A port branch stands only where
  /// the protocol is known to have ports.
  struct Step {
    std::vector<Line> lines;
    Field field = Field::kLocal;
    std::vector<Branch> branches;
    Target next;

    bool operator==(const Step& other) const;
  };

  /// `outcomes` has one for each rule. Fails beyond the bounds above.
  [[nodiscard]] static base::Result<Plan, PlanError> make(const Snapshot& snapshot, base::Family family,
                                                          const std::vector<Outcome>& outcomes);

  [[nodiscard]] base::Family family() const { return family_; }
  /// A step only names steps before it.
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] Target root() const { return root_; }
  /// Lines and branches of all steps.
  [[nodiscard]] std::size_t entries() const;
  /// Of the longest way through the steps.
  [[nodiscard]] std::size_t depth() const { return depth_of(root_); }

  /// What one flow costs.
  struct Cost {
    std::size_t lines = 0;     ///< compared
    std::size_t branches = 0;  ///< looked up
  };
  /// The outcome of a flow of this family, its source taken as the local side; what it took is added to `cost`.
  [[nodiscard]] Outcome outcome(const base::Flow& flow, Cost& cost) const;

 private:
  friend class PlanBuilder;

  explicit Plan(base::Family family) : family_(family) {}
  /// The step, or an equal one that there is already, or where it leads when it decides nothing.
  [[nodiscard]] Target add(Step step);
  [[nodiscard]] std::size_t depth_of(Target target) const { return target.is_step ? depths_[target.index] : 0; }

  base::Family family_;
  std::vector<Step> steps_;
  std::vector<std::size_t> depths_;
  std::unordered_multimap<std::size_t, std::uint32_t> by_hash_;
  Target root_;
};

}  // namespace policy
