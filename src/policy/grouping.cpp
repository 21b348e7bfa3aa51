#include "policy/grouping.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "policy/samples.hpp"

namespace policy {

namespace {

// --- costs, in about a nanosecond ---

constexpr double kProbeCost = 0.4;  // of one tuple that has nothing for the key
constexpr double kRowCost = 2;      // of one line compared
constexpr double kBlockCost = 10;   // of one block compared
/// Keys on which costs are measured.
constexpr std::size_t kSamples = 96;
/// Pairs of groups with more lines together are not tried: they never pay.
constexpr std::size_t kMaxMerged = 8192;
/// Shapes beyond are filed by addresses cut to coarser bits, so that merging, which tries all pairs, stays cheap beside
/// the rest: as many as so many lines have.
std::size_t max_shapes(std::size_t lines) {
  return std::clamp<std::size_t>(lines / 32, 96, 192);
}

double scan_cost(std::size_t lines) {
  if (lines <= kMaxRun) return kRowCost * static_cast<double>(lines);
  const std::size_t blocks = (lines + Block::kLanes - 1) / Block::kLanes;
  return kBlockCost * static_cast<double>(blocks);
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
Words<Word> shape_of(const Row<Word>& line, bool coarse) {
  Row<Word> row = line;
  row.local_mask = rounded(row.local_mask, coarse);
  row.remote_mask = rounded(row.remote_mask, coarse);
  return named_bits(row);
}

template <std::size_t kCount>
std::array<std::uint32_t, kCount> meet(std::array<std::uint32_t, kCount> one,
                                       const std::array<std::uint32_t, kCount>& other) {
  for (std::size_t i = 0; i < kCount; ++i) one[i] &= other[i];
  return one;
}

template <class Word>
class Grouping {
 public:
  explicit Grouping(std::span<const Row<Word>> rows) {
    values_.reserve(rows.size());
    for (const Row<Word>& row : rows) values_.push_back(to_words(row));
    for (const auto& sample : draw_samples(rows, kSamples)) samples_.push_back(to_words(sample.key));
    auto shapes = by_shape(rows, false);
    if (shapes.size() > max_shapes(rows.size())) shapes = by_shape(rows, true);
    for (auto& [shape, lines] : shapes) groups_.push_back({shape, std::move(lines), 0});
    for (auto& group : groups_) group.cost = cost(group.mask, {group.lines});
    merge();
  }

  [[nodiscard]] std::vector<Group<Word>> take() && { return std::move(groups_); }

 private:
  using Shapes = std::map<Words<Word>, std::vector<LineIndex>>;

  static Shapes by_shape(std::span<const Row<Word>> rows, bool coarse) {
    Shapes shapes;
    for (LineIndex line = 0; line < rows.size(); ++line) shapes[shape_of(rows[line], coarse)].push_back(line);
    return shapes;
  }

  // What the group adds to a look-up: the probe, and the lines of the bucket it hits.
  double cost(const Words<Word>& mask, std::initializer_list<std::span<const LineIndex>> parts) {
    std::size_t lines = 0;
    for (const auto part : parts) lines += part.size();
    const unsigned shift = 32 - bucket_bits(lines);
    counts_.assign(std::size_t{1} << bucket_bits(lines), 0);
    for (const auto part : parts) {
      for (const LineIndex line : part) ++counts_[hash(values_[line], mask) >> shift];
    }
    double sum = 0;
    for (const Words<Word>& sample : samples_) {
      const std::uint32_t count = counts_[hash(sample, mask) >> shift];
      if (count != 0) sum += scan_cost(count);
    }
    return kProbeCost + sum / static_cast<double>(samples_.size());
  }

  struct Offer {
    double gain = 0;
    double cost = 0;
  };

  Offer offer(const Group<Word>& one, const Group<Word>& other) {
    if (one.lines.size() + other.lines.size() > kMaxMerged) return {};
    const double together = cost(meet(one.mask, other.mask), {one.lines, other.lines});
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
      kept.mask = meet(kept.mask, groups_[best_i].mask);
      kept.lines.insert(kept.lines.end(), groups_[best_i].lines.begin(), groups_[best_i].lines.end());
      kept.cost = best.cost;
      remove(best_i, offers);
      for (std::size_t k = 0; k < groups_.size(); ++k) {
        if (k < best_j) offers[best_j][k] = offer(groups_[best_j], groups_[k]);
        if (k > best_j) offers[k][best_j] = offer(groups_[k], groups_[best_j]);
      }
    }
  }

  void remove(std::size_t index, std::vector<std::vector<Offer>>& offers) {
    groups_.erase(groups_.begin() + static_cast<std::ptrdiff_t>(index));
    offers.erase(offers.begin() + static_cast<std::ptrdiff_t>(index));
    for (std::size_t i = index; i < offers.size(); ++i)
      offers[i].erase(offers[i].begin() + static_cast<std::ptrdiff_t>(index));
  }

  std::vector<Words<Word>> values_;  ///< of each line
  std::vector<Words<Word>> samples_;
  std::vector<Group<Word>> groups_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace

unsigned bucket_bits(std::size_t lines) {
  return std::max(1U, static_cast<unsigned>(std::bit_width(lines)));
}

template <class Word>
Words<Word> filed_bits(const Row<Word>& row) {
  return shape_of(row, false);
}

template <class Word>
std::vector<Group<Word>> group_lines(std::span<const Row<Word>> rows) {
  return Grouping<Word>(rows).take();
}

template Words<std::uint32_t> filed_bits(const Row<std::uint32_t>&);
template Words<base::Uint128> filed_bits(const Row<base::Uint128>&);
template std::vector<Group<std::uint32_t>> group_lines(std::span<const Row<std::uint32_t>>);
template std::vector<Group<base::Uint128>> group_lines(std::span<const Row<base::Uint128>>);

}  // namespace policy
