// Which lines of a policy are filed together: as few tuples as are worth the lines that share a bucket in them (after
// TupleMerge; Daly et al. 2019).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "policy/block.hpp"
#include "policy/rows.hpp"
#include "policy/runs.hpp"
#include "policy/words.hpp"

namespace policy {

/// Lines that are filed by the values of the same bits.
template <class Word>
struct Group {
  Words<Word> mask;
  std::vector<LineIndex> lines;
  double cost = 0;  ///< of a look-up, for this group
};

/// The bits of the hash that choose a bucket among those of `lines` lines: at least one.
[[nodiscard]] unsigned bucket_bits(std::size_t lines);

/// The bits by which the line is filed before groups merge.
template <class Word>
[[nodiscard]] Words<Word> filed_bits(const Row<Word>& row);

/// Every line is in one group, whose bits it all names.
template <class Word>
[[nodiscard]] std::vector<Group<Word>> group_lines(std::span<const Row<Word>> rows);

}  // namespace policy
