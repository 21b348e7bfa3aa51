// A policy in force: an immutable, ordered list of rules with the questions that are asked of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/flow.hpp"
#include "base/selector.hpp"
#include "policy/rows.hpp"
#include "policy/rule.hpp"

namespace policy {

/// Position of a rule in its snapshot, from 0.
enum class RuleIndex : std::uint32_t {};

/// Where a flow belongs.
struct Match {
  RuleIndex rule{};
  base::Selector line;  ///< the line of the rule that matched: the proxy of figures 3A to 3C
};

/// Never changes once built; share it by std::shared_ptr<const Snapshot> and replace it as a whole.
class Snapshot {
 public:
  Snapshot() = default;
  explicit Snapshot(std::vector<Rule> rules);

  [[nodiscard]] std::span<const Rule> rules() const { return rules_; }
  [[nodiscard]] const Rule& rule(RuleIndex index) const { return rules_[static_cast<std::size_t>(index)]; }

  /// The first rule that the flow matches, its source taken as the local side; nothing: bypass. Of several lines of
  /// that rule, the first in order of its lists.
  [[nodiscard]] std::optional<Match> first_match(const base::Flow& flow) const;

  /// Draft form: the first protect rule whose addresses match, whatever its protocol and ports.
  [[nodiscard]] std::optional<Match> first_match_by_addresses(const base::Address& local,
                                                              const base::Address& remote) const;

  /// Lines of rules before `before` (all rules when it is the number of rules) that share a flow with `box`, in order.
  [[nodiscard]] std::vector<Match> overlapping(const base::Selector& box, RuleIndex before) const;

  /// The same without a list: `visit(const Match&)` for each such line until it returns false.
  template <class Visit>
  void visit_overlapping(const base::Selector& box, RuleIndex before, Visit visit) const {
    if (box.family() != box.remote.family()) return;
    if (box.family() == base::Family::kV4) {
      visit_rows(v4_, box, before, visit);
    } else {
      visit_rows(v6_, box, before, visit);
    }
  }

  /// Every line of the policy in order, all rules' IPv4 lines before the IPv6 ones.
  [[nodiscard]] std::vector<Match> lines() const;

 private:
  template <class Word, class Visit>
  static void visit_rows(const std::vector<Row<Word>>& rows, const base::Selector& box, RuleIndex before,
                         Visit& visit) {
    const auto wanted = to_row<Word>(box, 0);
    for (const auto& row : rows) {
      if (row.rule >= static_cast<std::uint32_t>(before)) return;
      if (row.overlaps(wanted) && !visit(Match{RuleIndex{row.rule}, to_line(row)})) return;
    }
  }

  // Lines of one family in the order of their rules: a flow or a box has one family, so no order is lost.
  std::vector<Rule> rules_;
  std::vector<RowV4> v4_;
  std::vector<RowV6> v6_;
};

}  // namespace policy
