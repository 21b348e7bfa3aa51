// A copy of the tuples with some lines taken out and others put in. A bucket that grows out of its place is filed again
// behind all others, and its place is waste: bounded, for beyond the bound the tuples are built anew.
#include <algorithm>
#include <bit>

#include "policy/tuples.hpp"

namespace policy {

namespace {

// Tuples that edits may add: as many as are asked in one step more.
constexpr std::size_t kMaxAdded = 16;
// Of what is there, the share that may be waste.
constexpr std::size_t kMaxWaste = 4;

template <class Entry>
std::vector<Entry> with_room(const std::vector<Entry>& from, std::size_t more) {
  std::vector<Entry> to;
  to.reserve(from.size() + more);
  to.assign(from.begin(), from.end());
  return to;
}

template <class Word>
Row<Word> to_row(const Exact<Word>& exact, const Ranges& ranges) {
  static constexpr std::size_t kAddress = kAddressWords<Word>;
  const auto address = [](const Words<Word>& words, std::size_t begin) {
    Word whole = 0;
    for (std::size_t i = 0; i < kAddress; ++i) whole |= static_cast<Word>(words[begin + i]) << (32 * i);
    return whole;
  };
  return {.local = address(exact.value, 0),
          .local_mask = address(exact.mask, 0),
          .remote = address(exact.value, kAddress),
          .remote_mask = address(exact.mask, kAddress),
          .local_port = ranges.local_port,
          .remote_port = ranges.remote_port,
          .rule = ranges.line,
          .protocol = static_cast<std::uint8_t>(exact.value.back()),
          .protocol_mask = static_cast<std::uint8_t>(exact.mask.back())};
}

}  // namespace

template <class Word>
std::optional<Tuples<Word>> Tuples<Word>::edited(const Edit<Word>& edit) const {
  Tuples copy = copy_with_room(edit.added.size());
  for (const Row<Word>& row : edit.removed) {
    if (!copy.remove(row)) return std::nullopt;
  }
  if (edit.old_end != edit.new_end) copy.move_lines(edit);
  for (const Row<Word>& row : edit.added) copy.add(row);
  if (copy.is_worn()) return std::nullopt;
  copy.settle();
  return copy;
}

// So that the first line that is added does not move all others, and no memory is doubled.
template <class Word>
Tuples<Word> Tuples<Word>::copy_with_room(std::size_t lines) const {
  Tuples copy;
  copy.lanes_ = lanes_;
  copy.size_ = size_;
  copy.built_size_ = built_size_;
  copy.waste_ = waste_;
  copy.tags_ = tags_;
  copy.buckets_ = buckets_;
  copy.exact_ = with_room(exact_, lines * (kMaxRun + 1));
  copy.ranges_ = with_room(ranges_, lines * (kMaxRun + 1));
  copy.blocks_ = with_room(blocks_, lines);
  return copy;
}

template <class Word>
bool Tuples<Word>::is_worn() const {
  return size_ > built_size_ + kMaxAdded || waste_ > (exact_.size() + blocks_.size() * Block::kLanes) / kMaxWaste;
}

// The lines of the bucket, in order.
template <class Word>
std::vector<Row<Word>> Tuples<Word>::members(std::uint32_t bucket) const {
  const auto [begin, count] = buckets_[bucket];
  std::vector<Row<Word>> rows;
  if constexpr (kHasBlocks) {
    if ((count & kLong) != 0) {
      for (const Block& block : std::span(blocks_).subspan(begin, count & ~kLong)) {
        for (std::size_t lane = 0; lane < Block::kLanes && block.line[lane] != kNoLine; ++lane) {
          rows.push_back(block.row(lane));
        }
      }
      return rows;
    }
  }
  for (std::uint32_t i = begin; i < begin + (count & ~kLong); ++i) rows.push_back(to_row(exact_[i], ranges_[i]));
  return rows;
}

template <class Word>
Words<Word> Tuples<Word>::mask(std::size_t tuple) const {
  const Lanes& lanes = lanes_[tuple / Lanes::kLanes];
  Words<Word> words;
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = lanes.masks[i][tuple % Lanes::kLanes];
  return words;
}

template <class Word>
std::uint32_t Tuples<Word>::bucket_of(std::size_t tuple, const Row<Word>& row) const {
  const Lanes& lanes = lanes_[tuple / Lanes::kLanes];
  const std::size_t lane = tuple % Lanes::kLanes;
  return lanes.first_bucket[lane] + (hash(to_words(row), mask(tuple)) >> lanes.shift[lane]);
}

// Where it was, if that is room enough and of the right kind.
template <class Word>
void Tuples<Word>::file_again(std::size_t tuple, std::uint32_t bucket, std::span<const Row<Word>> rows) {
  const Words<Word> bits = mask(tuple);
  tags_[bucket] = 0;
  for (const Row<Word>& row : rows) tags_[bucket] |= tag(hash(to_words(row), bits));
  Bucket& place = buckets_[bucket];
  const bool in_blocks = kHasBlocks && (place.count & kLong) != 0;
  const std::size_t room = (place.count & ~kLong) * (in_blocks ? Block::kLanes : 1);
  if (in_blocks != has_blocks(rows.size()) || rows.size() > room) {
    waste_ += room;
    return file(bucket, rows);
  }
  if (!in_blocks) {
    waste_ += room - rows.size();
    place.count = (rows.size() > kMaxRun ? kLong : 0) | static_cast<std::uint32_t>(rows.size());
  }
  write(place, rows);
}

// False: it is not here.
template <class Word>
bool Tuples<Word>::remove(const Row<Word>& row) {
  for (std::size_t tuple = 0; tuple < size_; ++tuple) {
    if (!is_within(mask(tuple), named_bits(row))) continue;
    const std::uint32_t bucket = bucket_of(tuple, row);
    auto rows = members(bucket);
    if (std::erase_if(rows, [&row](const Row<Word>& other) { return other.rule == row.rule; }) == 0) continue;
    file_again(tuple, bucket, rows);
    return true;
  }
  return false;
}

// To the tuple that tells most lines apart, of those whose bits it names; to one of its own when there is none.
template <class Word>
void Tuples<Word>::add(const Row<Word>& row) {
  std::size_t best = size_;
  int most = -1;
  for (std::size_t tuple = 0; tuple < size_; ++tuple) {
    const Words<Word> bits = mask(tuple);
    if (!is_within(bits, named_bits(row))) continue;
    int count = 0;
    for (const std::uint32_t word : bits) count += std::popcount(word);
    if (count <= most) continue;
    most = count;
    best = tuple;
  }
  if (best == size_) return add_tuple(filed_bits(row), std::span(&row, 1));
  const std::uint32_t bucket = bucket_of(best, row);
  auto rows = members(bucket);
  rows.insert(std::ranges::upper_bound(rows, row.rule, {}, &Row<Word>::rule), row);
  file_again(best, bucket, rows);
  LineIndex& first = lanes_[best / Lanes::kLanes].first_line[best % Lanes::kLanes];
  first = std::min(first, row.rule);
}

template <class Word>
void Tuples<Word>::move_lines(const Edit<Word>& edit) {
  for (Ranges& line : ranges_) line.line = edit.moved(line.line);
  for (Block& block : blocks_) {
    for (LineIndex& line : block.line) line = edit.moved(line);
  }
  // A first line that was removed stands for any that follows, and these may have come as near as `begin`.
  for (Lanes& lanes : lanes_) {
    for (LineIndex& line : lanes.first_line) line = line < edit.old_end ? std::min(line, edit.begin) : edit.moved(line);
  }
}

template class Tuples<std::uint32_t>;
template class Tuples<base::Uint128>;

}  // namespace policy
