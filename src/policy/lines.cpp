#include "policy/lines.hpp"

#include <algorithm>

namespace policy {

namespace {

// As many lines as are compared faster than bitmaps are read.
template <class Word>
constexpr std::size_t kFew = sizeof(Word) == sizeof(std::uint32_t) ? 128 : 8;

// A block is eight lines of the processor's cache, two of these rows are one; and as fast as that.
constexpr std::size_t kRowsV4 = 4;

template <class Word>
constexpr std::size_t kMany = Bitmaps<Word>::kMaxLines;

// Shelves that cost more, in about a nanosecond, have lines that no byte tells apart: tuples are asked about as fast.
constexpr double kDear = 100;

// Of so many lines, one in so many may differ for the tuples to be edited.
constexpr std::size_t kEdited = 64;

template <class Word>
bool is_same(const Row<Word>& one, Row<Word> other) {
  other.rule = one.rule;
  return one == other;
}

}  // namespace

template <class Word>
Lines<Word>::Lines(std::span<const Row<Word>> rows) {
  keep(rows);
  if (rows.size() > kMany<Word>) {
    if (put_on_shelves(rows)) {
      way_ = Way::kShelves;
    } else {
      tuples_ = Tuples<Word>(rows);
      way_ = Way::kTuples;
    }
  } else if (rows.size() > kFew<Word>) {
    bitmaps_ = Bitmaps<Word>(rows);
    way_ = Way::kBitmaps;
  }
}

template <class Word>
bool Lines<Word>::put_on_shelves(std::span<const Row<Word>> rows) {
  if constexpr (kHasBlocks) {
    if (rows.size() > Shelves::kMaxLines) return false;
    shelves_ = Shelves(rows);
    if (shelves_.cost() <= kDear) return true;
    shelves_ = {};
  }
  return false;
}

template <class Word>
Lines<Word>::Lines(std::span<const Row<Word>> rows, const Lines& before) {
  std::optional<Tuples<Word>> edited;
  if (rows.size() > kMany<Word> && before.tuples() != 0) {
    if (const auto edit = before.edit_to(rows)) edited = before.tuples_.edited(*edit);
  }
  if (!edited) {
    *this = Lines(rows);
    return;
  }
  keep(rows);
  tuples_ = *std::move(edited);
  way_ = Way::kTuples;
}

template <class Word>
void Lines<Word>::keep(std::span<const Row<Word>> rows) {
  rules_.reserve(rows.size());
  for (const Row<Word>& row : rows) rules_.push_back(row.rule);
  way_ = kHasBlocks && rows.size() > kRowsV4 ? Way::kBlocks : Way::kRows;
  if (way_ == Way::kRows) {
    rows_.assign(rows.begin(), rows.end());
  } else if constexpr (kHasBlocks) {
    blocks_.resize((rows.size() + Block::kLanes - 1) / Block::kLanes);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      blocks_[i / Block::kLanes].set(i % Block::kLanes, rows[i], static_cast<LineIndex>(i));
    }
  }
}

// What is the same at the beginning and at the end stays. Between, lines are compared one by one when there are as many
// as before, so that changes in several places are few; else all of them are replaced. Nothing: they are too many.
template <class Word>
std::optional<Edit<Word>> Lines<Word>::edit_to(std::span<const Row<Word>> rows) const {
  const auto old_size = static_cast<LineIndex>(size());
  const auto new_size = static_cast<LineIndex>(rows.size());
  const LineIndex shorter = std::min(old_size, new_size);
  LineIndex same = 0;
  while (same < shorter && is_same(rows[same], row(same))) ++same;
  LineIndex behind = 0;
  while (behind < shorter - same && is_same(rows[new_size - 1 - behind], row(old_size - 1 - behind))) ++behind;
  Edit<Word> edit{{}, {}, same, old_size - behind, new_size - behind};
  const auto add = [](std::vector<Row<Word>>& list, Row<Word> row, LineIndex line) {
    row.rule = line;
    list.push_back(row);
  };
  const bool pairwise = old_size == new_size;
  for (LineIndex line = same; line < edit.old_end; ++line) {
    if (pairwise && is_same(rows[line], row(line))) continue;
    add(edit.removed, row(line), line);
    if (edit.removed.size() > size() / kEdited) return std::nullopt;
  }
  for (LineIndex line = same; line < edit.new_end; ++line) {
    if (pairwise && is_same(rows[line], row(line))) continue;
    add(edit.added, rows[line], line);
    if (edit.added.size() > size() / kEdited) return std::nullopt;
  }
  return edit;
}

template <class Word>
Row<Word> Lines<Word>::row(LineIndex line) const {
  if constexpr (kHasBlocks) {
    if (rows_.empty()) {
      Row<Word> row = blocks_[line / Block::kLanes].row(line % Block::kLanes);
      row.rule = rules_[line];
      return row;
    }
  }
  return rows_[line];
}

template <class Word>
LineIndex Lines<Word>::first(const Key<Word>& key) const {
  if (way_ == Way::kTuples) return tuples_.first(key);
  if (way_ == Way::kBitmaps) return bitmaps_.first(key);
  if constexpr (kHasBlocks) {
    if (way_ == Way::kShelves) return shelves_.first(key);
    if (way_ == Way::kBlocks) return first_in(blocks_, key);
  }
  const auto found = std::ranges::find_if(rows_, [&](const Row<Word>& row) { return row.contains(key); });
  return found == rows_.end() ? kNoLine : static_cast<LineIndex>(found - rows_.begin());
}

template <class Word>
void Lines<Word>::first(std::span<const Key<Word>> keys, std::span<LineIndex> lines) const {
  if (way_ == Way::kTuples) return tuples_.first(keys, lines);
  if (way_ == Way::kBitmaps) return bitmaps_.first(keys, lines);
  if constexpr (kHasBlocks) {
    if (way_ == Way::kShelves) return shelves_.first(keys, lines);
    if (way_ == Way::kBlocks) return first_in(blocks_, keys, lines);
  }
  std::ranges::transform(keys, lines.begin(), [this](const Key<Word>& key) { return first(key); });
}

template <class Word>
LineIndex Lines<Word>::first_of_rule(std::uint32_t rule) const {
  return static_cast<LineIndex>(std::ranges::lower_bound(rules_, rule) - rules_.begin());
}

template <class Word>
std::size_t Lines<Word>::memory() const {
  return rules_.capacity() * sizeof(std::uint32_t) + blocks_.capacity() * sizeof(Block) +
         rows_.capacity() * sizeof(Row<Word>) + bitmaps_.memory() + shelves_.memory() + tuples_.memory();
}

template class Lines<std::uint32_t>;
template class Lines<base::Uint128>;

}  // namespace policy
