#include "policy/shelves.hpp"

#include <algorithm>
#include <optional>

#include "policy/samples.hpp"
#include "policy/wide.hpp"

namespace policy {

namespace {

constexpr std::size_t kSamples = 96;
constexpr std::size_t kKeys = 32;  // looked up together
/// Of a byte: a line that allows more of them is not put on its shelf.
constexpr unsigned kMostValues = 16;

// --- costs, in about a nanosecond ---

constexpr double kShelfCost = 2.5;  // of finding a place
constexpr double kBlockCost = 2.5;  // of sixteen lines compared

using LineBytes = AllowedBytes<std::uint32_t>;
using Lists = std::array<std::vector<LineIndex>, 256>;

std::uint8_t byte_at(const Key<std::uint32_t>& key, std::uint32_t position) {
  return reinterpret_cast<const std::uint8_t*>(&key)[position];
}

std::size_t blocks_of(std::size_t lines) {
  return (lines + Block::kLanes - 1) / Block::kLanes;
}

/// Decides what goes on which shelf.
class Sorter {
 public:
  explicit Sorter(std::span<const RowV4> rows) : left_(rows.size()) {
    bytes_.reserve(rows.size());
    for (const RowV4& row : rows) bytes_.push_back(allowed_bytes(row));
    for (LineIndex line = 0; line < rows.size(); ++line) left_[line] = line;
    for (const auto& sample : draw_samples(rows, kSamples)) samples_.push_back(sample.key);
  }

  /// On no shelf yet.
  [[nodiscard]] const std::vector<LineIndex>& left() const { return left_; }
  /// Of comparing what is left.
  [[nodiscard]] double cost_of_left() const { return kBlockCost * static_cast<double>(blocks_of(left_.size())); }

  /// The byte whose shelf spares most, with the cost of that shelf; nothing when none spares anything.
  [[nodiscard]] std::optional<std::pair<std::uint32_t, double>> best() const {
    std::optional<std::pair<std::uint32_t, double>> best;
    double least = cost_of_left();
    for (std::uint32_t byte = 0; byte < kKeyBytes<std::uint32_t>; ++byte) {
      std::array<std::size_t, 256> counts{};
      std::size_t rest = 0;
      for (const LineIndex line : left_) {
        if (bytes_[line][byte].count() > kMostValues) {
          ++rest;
        } else {
          bytes_[line][byte].visit([&](unsigned value) { ++counts[value]; });
        }
      }
      if (rest == left_.size()) continue;
      const double cost = shelf_cost(byte, counts);
      const double together = cost + kBlockCost * static_cast<double>(blocks_of(rest));
      if (together >= least) continue;
      least = together;
      best = {byte, cost};
    }
    return best;
  }

  /// What goes on the shelf of that byte, and is not left any more.
  [[nodiscard]] Lists take(std::uint32_t byte) {
    Lists lists;
    std::vector<LineIndex> rest;
    for (const LineIndex line : left_) {
      if (bytes_[line][byte].count() > kMostValues) {
        rest.push_back(line);
      } else {
        bytes_[line][byte].visit([&](unsigned value) { lists[value].push_back(line); });
      }
    }
    left_ = std::move(rest);
    return lists;
  }

 private:
  [[nodiscard]] double shelf_cost(std::uint32_t byte, const std::array<std::size_t, 256>& counts) const {
    std::size_t blocks = 0;
    for (const auto& key : samples_) blocks += blocks_of(counts[byte_at(key, byte)]);
    return kShelfCost + kBlockCost * static_cast<double>(blocks) / static_cast<double>(samples_.size());
  }

  std::vector<LineBytes> bytes_;  ///< of each line
  std::vector<LineIndex> left_;   ///< in order
  std::vector<Key<std::uint32_t>> samples_;
};

}  // namespace

Shelves::Shelves(std::span<const RowV4> rows) {
  Sorter sorter(rows);
  while (const auto best = sorter.best()) {
    const auto [byte, cost] = *best;
    Shelf& shelf = shelves_.emplace_back(Shelf{.byte = byte});
    const Lists lists = sorter.take(byte);
    for (std::size_t value = 0; value < lists.size(); ++value) {
      if (lists[value].empty()) continue;
      shelf.places[value] = put(lists[value], rows);
      shelf.first_line = std::min(shelf.first_line, lists[value].front());
    }
    cost_ += cost;
  }
  if (!sorter.left().empty()) {
    Shelf& last = shelves_.emplace_back(Shelf{.first_line = sorter.left().front()});
    last.places.fill(put(sorter.left(), rows));
    cost_ += kShelfCost + sorter.cost_of_left();
  }
  std::ranges::sort(shelves_, {}, &Shelf::first_line);
}

Shelves::Place Shelves::put(std::span<const LineIndex> lines, std::span<const RowV4> rows) {
  const Place place{static_cast<std::uint32_t>(blocks_.size()), static_cast<std::uint32_t>(blocks_of(lines.size()))};
  blocks_.resize(blocks_.size() + place.count);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    blocks_[place.begin + i / Block::kLanes].set(i % Block::kLanes, rows[lines[i]], lines[i]);
  }
  return place;
}

LineIndex Shelves::first(const Key<std::uint32_t>& key) const {
  LineIndex best = kNoLine;
  for (const Shelf& shelf : shelves_) {
    if (shelf.first_line >= best) return best;
    const Place place = shelf.places[byte_at(key, shelf.byte)];
    best = first_in(std::span(blocks_.data() + place.begin, place.count), key, best);
  }
  return best;
}

void Shelves::first(std::span<const Key<std::uint32_t>> keys, std::span<LineIndex> lines) const {
  TED_NOT_ZEROED std::array<BlockRun, kKeys> runs;
  std::ranges::fill(lines, kNoLine);
  for (std::size_t begin = 0; begin < keys.size(); begin += kKeys) {
    const auto some = keys.subspan(begin, std::min(kKeys, keys.size() - begin));
    const auto best = lines.subspan(begin, some.size());
    for (const Shelf& shelf : shelves_) {
      // Written whether it is one or not, and kept when it is: no branch depends on what the network sent.
      std::size_t count = 0;
      for (std::uint32_t i = 0; i < some.size(); ++i) {
        const Place place = shelf.places.data()[byte_at(some.data()[i], shelf.byte)];
        runs.data()[count] = {i, place.begin, place.count};
        count +=
            static_cast<std::size_t>(place.count != 0) & static_cast<std::size_t>(shelf.first_line < best.data()[i]);
      }
      first_in(blocks_.data(), std::span(runs).first(count), some, best);
    }
  }
}

std::size_t Shelves::memory() const {
  return shelves_.capacity() * sizeof(Shelf) + blocks_.capacity() * sizeof(Block);
}

}  // namespace policy
