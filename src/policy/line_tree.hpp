// Which lines share a flow with a box, for those who ask of every line of a policy: a tree of boxes around lines that
// are near each other (an R-tree, packed; Guttman 1984, Leutenegger et al. 1997).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "policy/rows.hpp"

namespace policy {

/// Never changes once built. `Word` is the address of the family: 32 bits, or 128.
template <class Word>
class LineTree {
 public:
  LineTree() = default;
  explicit LineTree(std::vector<Row<Word>> rows);

  /// `visit(row)` for each line of rules before `before` that shares a flow with `box`, in no order that means
  /// anything, until it returns false. Returns how many lines, and boxes around lines, were compared.
  template <class Visit>
  std::size_t visit_overlapping(const Row<Word>& box, std::uint32_t before, Visit visit) const {
    std::size_t compared = 0;
    if (!levels_.empty()) descend(levels_.size() - 1, 0, {box, before, compared}, visit);
    return compared;
  }

 private:
  static constexpr std::size_t kFanOut = 16;

  struct Question {
    const Row<Word>& box;
    std::uint32_t before;
    std::size_t& compared;
  };

  template <class Visit>
  bool descend(std::size_t level, std::size_t begin, const Question& question, Visit& visit) const {
    const auto& rows = levels_[level];
    const std::size_t end = std::min(begin + kFanOut, rows.size());
    question.compared += end - begin;
    std::uint32_t hits = 0;  // all of them first: no branch depends on what is compared
    for (std::size_t i = begin; i < end; ++i) {
      const bool hit =
          static_cast<int>(rows[i].rule < question.before) & static_cast<int>(rows[i].overlaps(question.box));
      hits |= static_cast<std::uint32_t>(hit) << (i - begin);
    }
    for (; hits != 0; hits &= hits - 1) {
      const std::size_t i = begin + static_cast<std::size_t>(std::countr_zero(hits));
      if (!(level == 0 ? visit(rows[i]) : descend(level - 1, i * kFanOut, question, visit))) return false;
    }
    return true;
  }

  /// Lines; then, for each kFanOut of the level before, the smallest box around them, with their earliest rule.
  std::vector<std::vector<Row<Word>>> levels_;
};

extern template class LineTree<std::uint32_t>;
extern template class LineTree<base::Uint128>;

}  // namespace policy
