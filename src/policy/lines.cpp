#include "policy/lines.hpp"

#include <algorithm>

namespace policy {

namespace {

// As many lines as are compared faster than a few tuples are probed.
template <class Word>
constexpr std::size_t kFew = sizeof(Word) == sizeof(std::uint32_t) ? 128 : 16;

}  // namespace

template <class Word>
Lines<Word>::Lines(std::span<const Row<Word>> rows) {
  rules_.reserve(rows.size());
  for (const Row<Word>& row : rows) rules_.push_back(row.rule);
  if constexpr (kHasBlocks) {
    blocks_.resize((rows.size() + Block::kLanes - 1) / Block::kLanes);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      blocks_[i / Block::kLanes].set(i % Block::kLanes, rows[i], static_cast<LineIndex>(i));
    }
  } else {
    rows_.assign(rows.begin(), rows.end());
  }
  if (rows.size() > kFew<Word>) tuples_ = Tuples<Word>(rows);
}

template <class Word>
Row<Word> Lines<Word>::row(LineIndex line) const {
  if constexpr (kHasBlocks) {
    Row<Word> row = blocks_[line / Block::kLanes].row(line % Block::kLanes);
    row.rule = rules_[line];
    return row;
  } else {
    return rows_[line];
  }
}

template <class Word>
LineIndex Lines<Word>::first(const Key<Word>& key) const {
  if (size() > kFew<Word>) return tuples_.first(key);
  if constexpr (kHasBlocks) return first_in(blocks_, key);
  const auto found = std::ranges::find_if(rows_, [&](const Row<Word>& row) { return row.contains(key); });
  return found == rows_.end() ? kNoLine : static_cast<LineIndex>(found - rows_.begin());
}

template <class Word>
void Lines<Word>::first(std::span<const Key<Word>> keys, std::span<LineIndex> lines) const {
  if (size() > kFew<Word>) return tuples_.first(keys, lines);
  std::ranges::transform(keys, lines.begin(), [this](const Key<Word>& key) { return first(key); });
}

template <class Word>
LineIndex Lines<Word>::first_of_rule(std::uint32_t rule) const {
  return static_cast<LineIndex>(std::ranges::lower_bound(rules_, rule) - rules_.begin());
}

template <class Word>
std::size_t Lines<Word>::memory() const {
  return rules_.capacity() * sizeof(std::uint32_t) + blocks_.capacity() * sizeof(Block) +
         rows_.capacity() * sizeof(Row<Word>) + tuples_.memory();
}

template class Lines<std::uint32_t>;
template class Lines<base::Uint128>;

}  // namespace policy
