#include "policy/tuples.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/wide.hpp"

namespace policy {

template <class Word>
Tuples<Word>::Tuples(std::span<const Row<Word>> rows) {
  auto groups = group_lines(rows);
  for (auto& group : groups) std::ranges::sort(group.lines);
  std::ranges::sort(groups, {}, [](const Group<Word>& group) { return group.lines.front(); });
  exact_.reserve(rows.size());
  ranges_.reserve(rows.size());
  std::vector<Row<Word>> members;
  for (const auto& group : groups) {
    members.clear();
    for (const LineIndex line : group.lines) {
      members.push_back(rows[line]);
      members.back().rule = line;
    }
    add_tuple(group.mask, members);
  }
  built_size_ = size_;
  settle();
}

// Where a look-up may stop.
template <class Word>
void Tuples<Word>::settle() {
  first_line_.assign(lanes_.size(), kNoLine);
  for (std::size_t i = lanes_.size(); i-- > 0;) {
    first_line_[i] = std::ranges::min(lanes_[i].first_line);
    if (i + 1 < lanes_.size()) first_line_[i] = std::min(first_line_[i], first_line_[i + 1]);
  }
}

// `rows` in the order of their lines.
template <class Word>
void Tuples<Word>::add_tuple(const Words<Word>& mask, std::span<const Row<Word>> rows) {
  const std::size_t lane = size_++ % Lanes::kLanes;
  if (lane == 0) lanes_.emplace_back();
  Lanes& lanes = lanes_.back();
  for (std::size_t i = 0; i < mask.size(); ++i) lanes.masks[i][lane] = mask[i];
  const unsigned bits = bucket_bits(rows.size());
  const auto first_bucket = static_cast<std::uint32_t>(buckets_.size());
  lanes.first_bucket[lane] = first_bucket;
  lanes.shift[lane] = 32 - bits;
  lanes.first_line[lane] = rows.front().rule;
  buckets_.resize(buckets_.size() + (std::size_t{1} << bits));
  tags_.resize(buckets_.size());
  // Sorted by bucket and, in a bucket, by line.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
  places.reserve(rows.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t hashed = hash(to_words(rows[i]), mask);
    const std::uint32_t bucket = first_bucket + (hashed >> lanes.shift[lane]);
    tags_[bucket] |= tag(hashed);
    places.emplace_back(bucket, i);
  }
  std::ranges::sort(places);
  std::vector<Row<Word>> members;
  for (auto next = places.begin(); next != places.end();) {
    const std::uint32_t bucket = next->first;
    members.clear();
    for (; next != places.end() && next->first == bucket; ++next) members.push_back(rows[next->second]);
    file(bucket, members);
  }
}

// Behind all others.
template <class Word>
void Tuples<Word>::file(std::uint32_t bucket, std::span<const Row<Word>> rows) {
  Bucket& place = buckets_[bucket];
  if (has_blocks(rows.size())) {
    const std::size_t count = (rows.size() + Block::kLanes - 1) / Block::kLanes;
    place = {static_cast<std::uint32_t>(blocks_.size()), kLong | static_cast<std::uint32_t>(count)};
    blocks_.resize(blocks_.size() + count);
  } else {
    const std::uint32_t flag = rows.size() > kMaxRun ? kLong : 0;
    place = {static_cast<std::uint32_t>(exact_.size()), flag | static_cast<std::uint32_t>(rows.size())};
    exact_.resize(exact_.size() + rows.size());
    ranges_.resize(exact_.size());
  }
  write(place, rows);
}

template <class Word>
void Tuples<Word>::write(const Bucket& bucket, std::span<const Row<Word>> rows) {
  if constexpr (kHasBlocks) {
    if ((bucket.count & kLong) != 0) {
      const auto blocks = std::span(blocks_).subspan(bucket.begin, bucket.count & ~kLong);
      std::ranges::fill(blocks, Block{});
      for (std::size_t i = 0; i < rows.size(); ++i) {
        blocks[i / Block::kLanes].set(i % Block::kLanes, rows[i], rows[i].rule);
      }
      return;
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    exact_[bucket.begin + i] = {to_words(rows[i]), named_bits(rows[i])};
    ranges_[bucket.begin + i] = {rows[i].local_port, rows[i].remote_port, rows[i].rule};
  }
}

// Lines in order, so the first is enough, and one behind the best ends it.
template <class Word>
LineIndex Tuples<Word>::first_in_long(const Bucket& bucket, [[maybe_unused]] const Words<Word>& words,
                                      [[maybe_unused]] const Key<Word>& key, LineIndex best) const {
  const std::uint32_t end = bucket.begin + (bucket.count & ~kLong);
  if constexpr (kHasBlocks) {
    return first_in(std::span(blocks_.data() + bucket.begin, blocks_.data() + end), key, best);
  } else {
    for (std::uint32_t i = bucket.begin; i < end && ranges_[i].line < best; ++i) {
      if (exact_[i].contains(words) && ranges_[i].contain(words[kPortsWord<Word>])) return ranges_[i].line;
    }
    return best;
  }
}

// At most kProbedKeys keys. What a step needs is asked for one step earlier, for all of them. Long buckets come last:
// most of their lines are later than what the short ones gave. Raw pointers, for each of these loops runs once a key.
template <class Word>
void Tuples<Word>::look(std::span<const Words<Word>> words, std::span<const Key<Word>> keys,
                        std::span<LineIndex> best) const {
  TED_NOT_ZEROED Candidates found;
  TED_NOT_ZEROED std::array<Run, kProbedKeys * Lanes::kLanes> runs;
  std::uint32_t* const of = found.keys.data();
  std::uint32_t* const places = found.buckets.data();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    LineIndex last = 0;
    for (const LineIndex line : best) last = std::max(last, line);
    if (first_line_[i] >= last) return;
    probe<kWords<Word>>(lanes_[i], tags_.data(), words, best, found);
    for (std::size_t c = 0; c < found.count; ++c) __builtin_prefetch(buckets_.data() + places[c]);
    std::size_t shorts = 0;
    std::size_t longs = 0;
    for (std::size_t c = 0; c < found.count; ++c) {
      const Bucket bucket = buckets_.data()[places[c]];
      const std::size_t is_long = bucket.count / kLong;
      __builtin_prefetch(exact_.data() + bucket.begin);
      runs.data()[shorts] = {of[c], bucket.begin, bucket.count};
      shorts += 1 - is_long;
      of[longs] = of[c];
      places[longs] = places[c];
      longs += is_long;
    }
    compare<Word>(std::span(runs).first(shorts), exact_.data(), ranges_.data(), words, best);
    for (std::size_t c = 0; c < longs; ++c) {
      best[of[c]] = first_in_long(buckets_[places[c]], words[of[c]], keys[of[c]], best[of[c]]);
    }
  }
}

template <class Word>
LineIndex Tuples<Word>::first(const Key<Word>& key) const {
  LineIndex best = kNoLine;
  const Words<Word> words = to_words(key);
  look(std::span(&words, 1), std::span(&key, 1), std::span(&best, 1));
  return best;
}

template <class Word>
void Tuples<Word>::first(std::span<const Key<Word>> keys, std::span<LineIndex> lines) const {
  TED_NOT_ZEROED std::array<Words<Word>, kProbedKeys> words;
  std::ranges::fill(lines, kNoLine);
  for (std::size_t begin = 0; begin < keys.size(); begin += kProbedKeys) {
    const auto some = keys.subspan(begin, std::min(kProbedKeys, keys.size() - begin));
    for (std::size_t i = 0; i < some.size(); ++i) words[i] = to_words(some[i]);
    look(std::span(words).first(some.size()), some, lines.subspan(begin, some.size()));
  }
}

template <class Word>
std::size_t Tuples<Word>::memory() const {
  return lanes_.capacity() * sizeof(Lanes) + first_line_.capacity() * sizeof(LineIndex) +
         tags_.capacity() * sizeof(std::uint32_t) + buckets_.capacity() * sizeof(Bucket) +
         exact_.capacity() * sizeof(Exact<Word>) + ranges_.capacity() * sizeof(Ranges) +
         blocks_.capacity() * sizeof(Block);
}

template class Tuples<std::uint32_t>;
template class Tuples<base::Uint128>;

}  // namespace policy
