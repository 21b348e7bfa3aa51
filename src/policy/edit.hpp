// What turns one list of lines into another.
#pragma once

#include <vector>

#include "policy/block.hpp"
#include "policy/rows.hpp"

namespace policy {

/// `rule` of each row is its line: before the edit of those removed, after it of those added.
template <class Word>
struct Edit {
  std::vector<Row<Word>> removed;
  std::vector<Row<Word>> added;
  LineIndex begin = 0;    ///< lines before it are the same
  LineIndex old_end = 0;  ///< lines from here on are the same, and move
  LineIndex new_end = 0;  ///< to here

  [[nodiscard]] LineIndex moved(LineIndex line) const {
    return line < old_end || line == kNoLine ? line : line - old_end + new_end;
  }
};

}  // namespace policy
