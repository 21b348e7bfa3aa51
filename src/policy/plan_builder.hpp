// Makes a plan: which lines go into which step.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "policy/plan.hpp"
#include "policy/plan_groups.hpp"

namespace policy {

/// Lines are sorted into groups by the prefix that they name on one side, the groups of that prefix's own traffic come
/// first, and what they do not decide goes on to the group of the next wider prefix. Where a line of a wider group
/// comes before a line of this one, shares flows with it and ends otherwise, it is copied into this group: the only
/// copies that the order costs. Inside a group the same goes on with the other side, then with protocol and ports,
/// until few lines are left.
class PlanBuilder {
 public:
  /// `outcomes` must outlive it.
  PlanBuilder(Plan& plan, const std::vector<Outcome>& outcomes)
      : plan_(plan), outcomes_(outcomes), copies_of_(outcomes.size()) {}

  /// Of lines in order of their rules, `rule` being the rule. False beyond a bound.
  [[nodiscard]] bool build(std::vector<Plan::Line> lines);

  /// After false: the rule that was copied most, also in vain.
  [[nodiscard]] std::size_t most_copied() const;

 private:
  using Line = Plan::Line;
  using Lines = std::vector<Line>;
  using Field = Plan::Field;
  using Group = LineGroup;
  using Target = Plan::Target;
  using Word = Plan::Word;

  /// Which fields may still be asked, and what is known of the protocol.
  struct Scope {
    bool local = true;
    bool remote = true;
    bool protocol = true;
    bool local_port = false;
    bool remote_port = false;
  };
  struct Split {
    Field field{};
    std::vector<Group> groups;  ///< wider ones first, else ascending
  };

  [[nodiscard]] Target step(Lines lines, Scope scope, Target next);
  [[nodiscard]] Target nest(Split& split, const std::vector<std::vector<std::size_t>>& inside_of,
                            const std::vector<std::size_t>& members, Scope scope, Target next);
  [[nodiscard]] Target leaf(Lines lines, Target next);
  [[nodiscard]] std::optional<Split> finest_split(const Lines& lines, Scope scope);
  /// How to go on with these lines, copies in place; nothing: not at all.
  [[nodiscard]] std::optional<Split> best_split(const Lines& lines, Scope scope);
  [[nodiscard]] static Scope inside(Scope scope, Field split, const Group& group);
  static void close(Scope& scope, Field field);
  /// Gives each group what it needs of the wider ones; stops soon when more than `bound` copies are made in all.
  void copy_conflicts(Split& split, std::size_t bound);
  void copy_conflicts(std::vector<Group>& groups, std::size_t group, std::size_t bound);
  [[nodiscard]] bool conflicts(const Line& earlier, const std::vector<const Line*>& later);
  [[nodiscard]] bool exhausted() const {
    return copies_ > kMaxCopies || comparisons_ > kMaxComparisons || longest_ > kMaxPlanList;
  }

  Plan& plan_;
  std::size_t run_ = 0;  ///< so many lines are compared without a split
  const std::vector<Outcome>& outcomes_;
  std::vector<std::size_t> copies_of_;
  std::size_t copies_ = 0;
  std::size_t comparisons_ = 0;
  std::size_t longest_ = 0;  ///< list of lines
};

}  // namespace policy
