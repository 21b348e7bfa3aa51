#include "policy/tuples.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <numeric>
#include <tuple>
#include <type_traits>
#include <utility>

namespace policy {

namespace {

// --- costs, in about a nanosecond ---

constexpr double kProbeCost = 5;  // of one tuple that has nothing for the key
constexpr double kRowCost = 2;    // of one line compared
constexpr double kBlockCost = 6;  // of one block compared
/// Buckets of more lines are kept as blocks.
constexpr std::size_t kShort = 6;
/// Pairs of tuples with more lines together are not tried: they never pay.
constexpr std::size_t kMaxMerged = 8192;
/// Shapes beyond are filed by addresses cut to coarser bits, so that merging stays cheap.
constexpr std::size_t kMaxShapes = 192;

double scan_cost(std::size_t lines) {
  if (lines <= kShort) return kRowCost * static_cast<double>(lines);
  const std::size_t blocks = (lines + Block::kLanes - 1) / Block::kLanes;
  return kRowCost + kBlockCost * static_cast<double>(blocks);
}

// --- hashing ---

constexpr std::uint64_t kSalt = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kOtherSalt = 0xd1b54a32d192ed03;

std::uint64_t fold(std::uint64_t one, std::uint64_t other) {
  const auto product = static_cast<base::Uint128>(one) * other;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hash(std::uint32_t from, std::uint32_t to, std::uint64_t rest) {
  return fold((static_cast<std::uint64_t>(from) << 32 | to) ^ kSalt, rest ^ kOtherSalt);
}

std::uint64_t hash(base::Uint128 from, base::Uint128 to, std::uint64_t rest) {
  const auto half = [](base::Uint128 word) {
    return fold(static_cast<std::uint64_t>(word >> 64) ^ kSalt, static_cast<std::uint64_t>(word) ^ kOtherSalt);
  };
  return fold(half(from) ^ kSalt, std::rotl(half(to), 32) ^ rest ^ kOtherSalt);
}

// Behind the bits that choose the bucket, as long as there are fewer than 2^27 of these.
std::uint32_t tag(std::uint64_t hash) {
  return 1U << (hash & 31U);
}

// --- what a line names ---

template <class Word>
struct Shape {
  Word local_mask;
  Word remote_mask;
  std::uint64_t rest_mask;

  auto operator<=>(const Shape&) const = default;

  [[nodiscard]] Shape meet(const Shape& other) const {
    return {local_mask & other.local_mask, remote_mask & other.remote_mask, rest_mask & other.rest_mask};
  }
};

template <class Word>
std::uint64_t hash_of(const Row<Word>& row, std::uint64_t rest, const Shape<Word>& shape) {
  return hash(static_cast<Word>(row.local & shape.local_mask), static_cast<Word>(row.remote & shape.remote_mask),
              rest & shape.rest_mask);
}

constexpr std::uint64_t rest_of(std::uint8_t protocol, std::uint16_t from_port, std::uint16_t to_port) {
  return static_cast<std::uint64_t>(protocol) << 32 | static_cast<std::uint64_t>(from_port) << 16 | to_port;
}

template <class Word>
std::uint64_t rest_of(const Row<Word>& row) {
  return rest_of(row.protocol, row.local_port.lo, row.remote_port.lo);
}

template <class Word>
Word leading(unsigned bits) {
  static constexpr unsigned kWidth = sizeof(Word) * 8;
  return bits == 0 ? Word{0} : static_cast<Word>(~Word{0} << (kWidth - bits));
}

template <class Word>
unsigned leading_ones(Word mask) {
  if constexpr (sizeof(Word) == 4) {
    return static_cast<unsigned>(std::countl_one(mask));
  } else {
    const auto high = static_cast<unsigned>(std::countl_one(static_cast<std::uint64_t>(mask >> 64)));
    return high < 64 ? high : 64 + static_cast<unsigned>(std::countl_one(static_cast<std::uint64_t>(mask)));
  }
}

// The mask in steps of a quarter of the address: lengths that differ a little share a tuple. One with holes stays.
template <class Word>
Word rounded(Word mask, bool coarse) {
  const unsigned ones = leading_ones(mask);
  if (mask != leading<Word>(ones) && !coarse) return mask;
  static constexpr unsigned kStep = sizeof(Word) * 8 / 4;
  return leading<Word>(ones / kStep * kStep);
}

template <class Word>
Shape<Word> shape_of(const Row<Word>& row, bool coarse) {
  const auto port_mask = [](base::PortRange range) {
    return range.is_single() ? std::uint16_t{0xffff} : std::uint16_t{0};
  };
  return {rounded(row.local_mask, coarse), rounded(row.remote_mask, coarse),
          rest_of(row.protocol_mask, port_mask(row.local_port), port_mask(row.remote_port))};
}

// --- which lines go together ---

template <class Word>
struct Group {
  Shape<Word> shape;
  std::vector<LineIndex> lines;
  double cost = 0;  ///< of a look-up, for this group
};

// At least one bit, at most half of the buckets taken.
unsigned bucket_bits(std::size_t lines) {
  return std::max(1U, static_cast<unsigned>(std::bit_width(lines * 2)));
}

template <class Word>
class Grouping {
 public:
  explicit Grouping(std::span<const Row<Word>> rows) : rows_(rows) {
    auto shapes = by_shape(false);
    if (shapes.size() > kMaxShapes) shapes = by_shape(true);
    for (auto& [shape, lines] : shapes) groups_.push_back({shape, std::move(lines), 0});
    for (auto& group : groups_) group.cost = cost(group.shape, {group.lines});
    merge();
  }

  [[nodiscard]] std::vector<Group<Word>> take() && { return std::move(groups_); }

 private:
  using Shapes = std::map<Shape<Word>, std::vector<LineIndex>>;

  Shapes by_shape(bool coarse) const {
    Shapes shapes;
    for (LineIndex line = 0; line < rows_.size(); ++line) shapes[shape_of(rows_[line], coarse)].push_back(line);
    return shapes;
  }

  // What the group adds to a look-up, when flows fall on lines evenly: the probe, and the lines of the bucket it hits.
  double cost(const Shape<Word>& shape, std::initializer_list<std::span<const LineIndex>> parts) {
    std::size_t lines = 0;
    for (const auto part : parts) lines += part.size();
    const unsigned bits = bucket_bits(lines);
    counts_.assign(std::size_t{1} << bits, 0);
    for (const auto part : parts) {
      for (const LineIndex line : part) ++counts_[hash_of(rows_[line], rest_of(rows_[line]), shape) >> (64 - bits)];
    }
    double sum = 0;
    for (const std::uint32_t count : counts_) {
      if (count != 0) sum += count * scan_cost(count);
    }
    return kProbeCost + sum / static_cast<double>(rows_.size());
  }

  struct Offer {
    double gain = 0;
    double cost = 0;
  };

  Offer offer(const Group<Word>& one, const Group<Word>& other) {
    if (one.lines.size() + other.lines.size() > kMaxMerged) return {};
    const double together = cost(one.shape.meet(other.shape), {one.lines, other.lines});
    return {one.cost + other.cost - together, together};
  }

  // The pair that gains most, again and again, while one gains. A merged group takes the place of its first part.
  void merge() {
    std::vector<std::vector<Offer>> offers(groups_.size());
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) offers[i].push_back(offer(groups_[i], groups_[j]));
    }
    for (;;) {
      std::size_t best_i = 0;
      std::size_t best_j = 0;
      Offer best;
      for (std::size_t i = 0; i < groups_.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (offers[i][j].gain <= best.gain) continue;
          best = offers[i][j];
          best_i = i;
          best_j = j;
        }
      }
      if (best.gain <= 0) return;
      Group<Word>& kept = groups_[best_j];
      kept.shape = kept.shape.meet(groups_[best_i].shape);
      kept.lines.insert(kept.lines.end(), groups_[best_i].lines.begin(), groups_[best_i].lines.end());
      kept.cost = best.cost;
      remove(best_i, offers);
      for (std::size_t k = 0; k < groups_.size(); ++k) {
        if (k < best_j) offers[best_j][k] = offer(kept, groups_[k]);
        if (k > best_j) offers[k][best_j] = offer(groups_[k], kept);
      }
    }
  }

  void remove(std::size_t index, std::vector<std::vector<Offer>>& offers) {
    groups_.erase(groups_.begin() + static_cast<std::ptrdiff_t>(index));
    offers.erase(offers.begin() + static_cast<std::ptrdiff_t>(index));
    for (std::size_t i = index; i < offers.size(); ++i)
      offers[i].erase(offers[i].begin() + static_cast<std::ptrdiff_t>(index));
  }

  std::span<const Row<Word>> rows_;
  std::vector<Group<Word>> groups_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace

template <class Word>
Tuples<Word>::Tuples(std::span<const Row<Word>> rows) {
  auto groups = Grouping<Word>(rows).take();
  for (auto& group : groups) std::ranges::sort(group.lines);
  std::ranges::sort(groups, {}, [](const Group<Word>& group) { return group.lines.front(); });
  rows_.reserve(rows.size());
  for (const auto& group : groups) {
    const unsigned bits = bucket_bits(group.lines.size());
    const Tuple tuple{group.shape.local_mask,
                      group.shape.remote_mask,
                      group.shape.rest_mask,
                      static_cast<std::uint32_t>(buckets_.size()),
                      64 - bits,
                      group.lines.front()};
    buckets_.resize(buckets_.size() + (std::size_t{1} << bits));
    const auto hash_at = [&](LineIndex line) { return hash_of(rows[line], rest_of(rows[line]), group.shape); };
    // Sorted by bucket and, in a bucket, by line.
    std::vector<std::pair<std::uint32_t, LineIndex>> places;
    places.reserve(group.lines.size());
    for (const LineIndex line : group.lines) {
      const std::uint64_t hashed = hash_at(line);
      const auto bucket = static_cast<std::uint32_t>(tuple.first_bucket + (hashed >> tuple.shift));
      buckets_[bucket].tags |= tag(hashed);
      places.emplace_back(bucket, line);
    }
    std::ranges::sort(places);
    for (auto first = places.begin(); first != places.end();) {
      auto last = first;
      while (last != places.end() && last->first == first->first) ++last;
      fill(buckets_[first->first], rows, std::span(first, last));
      first = last;
    }
    tuples_.push_back(tuple);
  }
}

template <class Word>
void Tuples<Word>::fill(Bucket& bucket, std::span<const Row<Word>> rows,
                        std::span<const std::pair<std::uint32_t, LineIndex>> places) {
  if constexpr (kHasBlocks) {
    if (places.size() > kShort) {
      bucket.begin = static_cast<std::uint32_t>(blocks_.size());
      bucket.count = kLong | static_cast<std::uint32_t>((places.size() + Block::kLanes - 1) / Block::kLanes);
      for (std::size_t i = 0; i < places.size(); ++i) {
        if (i % Block::kLanes == 0) blocks_.emplace_back();
        blocks_.back().set(i % Block::kLanes, rows[places[i].second], places[i].second);
      }
      return;
    }
  }
  bucket.begin = static_cast<std::uint32_t>(rows_.size());
  bucket.count = static_cast<std::uint32_t>(places.size());
  for (const auto& [unused, line] : places) {
    rows_.push_back(rows[line]);
    rows_.back().rule = line;
  }
}

template <class Word>
LineIndex Tuples<Word>::scan(const Bucket& bucket, const Key<Word>& key, LineIndex best) const {
  if constexpr (kHasBlocks) {
    if ((bucket.count & kLong) != 0) {
      return std::min(best, first_in(std::span(blocks_).subspan(bucket.begin, bucket.count & ~kLong), key));
    }
  }
  const Row<Word>* const end = rows_.data() + bucket.begin + bucket.count;
  for (const Row<Word>* row = rows_.data() + bucket.begin; row != end && row->rule < best; ++row) {
    if (row->contains(key)) return row->rule;
  }
  return best;
}

template <class Word>
LineIndex Tuples<Word>::first(const Key<Word>& key) const {
  const std::uint64_t rest = rest_of(key.protocol, key.from_port, key.to_port);
  LineIndex best = kNoLine;
  for (const Tuple& tuple : tuples_) {
    if (tuple.first_line >= best) break;
    const std::uint64_t hashed = hash(static_cast<Word>(key.from & tuple.local_mask),
                                      static_cast<Word>(key.to & tuple.remote_mask), rest & tuple.rest_mask);
    const Bucket& bucket = buckets_[tuple.first_bucket + (hashed >> tuple.shift)];
    if ((bucket.tags & tag(hashed)) != 0) best = scan(bucket, key, best);
  }
  return best;
}

// Keys in strides: for each tuple all buckets of a stride are asked for before the first of them is looked at.
template <class Word>
void Tuples<Word>::first(std::span<const Key<Word>> keys, std::span<LineIndex> lines) const {
  static constexpr std::size_t kStride = 32;
  std::array<std::uint64_t, kStride> hashes{};
  std::ranges::fill(lines, kNoLine);
  for (std::size_t begin = 0; begin < keys.size(); begin += kStride) {
    const auto some = keys.subspan(begin, std::min(kStride, keys.size() - begin));
    const auto found = lines.subspan(begin, some.size());
    for (const Tuple& tuple : tuples_) {
      const Bucket* const buckets = buckets_.data() + tuple.first_bucket;
      for (std::size_t i = 0; i < some.size(); ++i) {
        const Key<Word>& key = some[i];
        hashes[i] = hash(static_cast<Word>(key.from & tuple.local_mask), static_cast<Word>(key.to & tuple.remote_mask),
                         rest_of(key.protocol, key.from_port, key.to_port) & tuple.rest_mask);
        __builtin_prefetch(buckets + (hashes[i] >> tuple.shift));
      }
      for (std::size_t i = 0; i < some.size(); ++i) {
        if (found[i] <= tuple.first_line) continue;
        const Bucket& bucket = buckets[hashes[i] >> tuple.shift];
        if ((bucket.tags & tag(hashes[i])) != 0) found[i] = scan(bucket, some[i], found[i]);
      }
    }
  }
}

template <class Word>
std::size_t Tuples<Word>::memory() const {
  return tuples_.capacity() * sizeof(Tuple) + buckets_.capacity() * sizeof(Bucket) +
         rows_.capacity() * sizeof(Row<Word>) + blocks_.capacity() * sizeof(Block);
}

template class Tuples<std::uint32_t>;
template class Tuples<base::Uint128>;

}  // namespace policy
