// A policy in force: an immutable, ordered list of rules with the questions that are asked of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/fetch.hpp"
#include "base/flow.hpp"
#include "base/selector.hpp"
#include "policy/lines.hpp"
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
  /// The same snapshot, sooner when `rules` differ little from those of `before`, as after most reloads: what finds
  /// first matches is edited in a copy instead of built. `before` is not referred to afterwards.
  Snapshot(std::vector<Rule> rules, const Snapshot& before);

  [[nodiscard]] std::span<const Rule> rules() const { return rules_; }
  [[nodiscard]] const Rule& rule(RuleIndex index) const { return rules_[static_cast<std::size_t>(index)]; }

  /// The first rule that the flow matches, its source taken as the local side; nothing: bypass. Of several lines of
  /// that rule, the first in order of its lists.
  [[nodiscard]] std::optional<Match> first_match(const base::Flow& flow) const;

  /// Lines of rules before `before` (all rules when it is the number of rules) that share a flow with `box`, in order.
  [[nodiscard]] std::vector<Match> overlapping(const base::Selector& box, RuleIndex before) const;

  /// The same without a list: `visit(const Match&)` for each such line until it returns false.
  template <class Visit>
  void visit_overlapping(const base::Selector& box, RuleIndex before, Visit visit) const {
    const auto on_row = [&visit](const auto& row) { return visit(Match{RuleIndex{row.rule}, to_line(row)}); };
    if (box.family() == base::Family::kV4) {
      visit_rows<std::uint32_t>(box, before, on_row);
    } else {
      visit_rows<base::Uint128>(box, before, on_row);
    }
  }

  /// The same in the width of the family, which is that of `Word`: `visit(const Row<Word>&)`.
  template <class Word, class Visit>
  void visit_rows(const base::Selector& box, RuleIndex before, Visit visit) const {
    if (box.family() != box.remote.family()) return;
    lines<Word>().visit_overlapping(to_row<Word>(box, 0), static_cast<std::uint32_t>(before), visit);
  }

  /// How many lines there are, of both families.
  [[nodiscard]] std::size_t size() const { return v4_.size() + v6_.size(); }

  /// Asks for the memory that look-ups in a small policy read (base/fetch.hpp): first for that of the snapshot itself,
  /// and, when that has come, for the rest.
  void fetch_head() const {
    base::fetch(rules_);
    v4_.fetch_head();
    v6_.fetch_head();
  }
  void fetch() const {
    base::fetch(rules_.data(), rules_.empty() ? 0 : sizeof(Rule));
    v4_.size() != 0 ? v4_.fetch() : v6_.fetch();
  }

  /// Bytes that look-up takes, the rules themselves not counted.
  [[nodiscard]] std::size_t memory() const { return v4_.memory() + v6_.memory(); }

  /// Every line of the policy in order, all rules' IPv4 lines before the IPv6 ones.
  [[nodiscard]] std::vector<Match> lines() const;
  /// Those of one family.
  [[nodiscard]] std::vector<Match> lines(base::Family family) const;

 private:
  template <class Word>
  [[nodiscard]] const Lines<Word>& lines() const {
    if constexpr (sizeof(Word) == sizeof(std::uint32_t)) {
      return v4_;
    } else {
      return v6_;
    }
  }

  // Lines of one family in the order of their rules: a flow or a box has one family, so no order is lost.
  std::vector<Rule> rules_;
  Lines<std::uint32_t> v4_;
  Lines<base::Uint128> v6_;
};

}  // namespace policy
