// The lines of one family in the order of their policy, with the two questions that are asked of them: which is the
// first that contains a flow, and which share a flow with a box.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/fetch.hpp"
#include "policy/bitmaps.hpp"
#include "policy/block.hpp"
#include "policy/edit.hpp"
#include "policy/rows.hpp"
#include "policy/shelves.hpp"
#include "policy/tuples.hpp"

namespace policy {

/// Never changes once built. `Word` is the address of the family: 32 bits, or 128.
template <class Word>
class Lines {
 public:
  Lines() = default;
  /// `rows` in order of their rules.
  explicit Lines(std::span<const Row<Word>> rows);
  /// The same lines, sooner when `rows` differ little from those of `before`: its tuples are edited in a copy.
  Lines(std::span<const Row<Word>> rows, const Lines& before);

  [[nodiscard]] std::size_t size() const { return rules_.size(); }
  /// The line, its rule in place.
  [[nodiscard]] Row<Word> row(LineIndex line) const;

  /// The first line that contains the key; kNoLine: none.
  [[nodiscard]] LineIndex first(const Key<Word>& key) const;
  /// The same for many keys at once. `lines` is as long as `keys`.
  void first(std::span<const Key<Word>> keys, std::span<LineIndex> lines) const;

  /// `visit(row)` for each line of rules before `before` that shares a flow with `box`, in order, until it returns
  /// false. Every line is compared: a block at a time where there are blocks.
  template <class Visit>
  void visit_overlapping(const Row<Word>& box, std::uint32_t before, Visit visit) const {
    for (const Row<Word>& row : rows_) {
      if (row.rule >= before || (row.overlaps(box) && !visit(row))) return;
    }
    if constexpr (kHasBlocks) {
      const LineIndex end = blocks_.empty() ? 0 : first_of_rule(before);
      for (LineIndex begin = 0; begin < end; begin += Block::kLanes) {
        for (std::uint32_t hits = overlaps(blocks_[begin / Block::kLanes], box); hits != 0; hits &= hits - 1) {
          const LineIndex line = begin + static_cast<LineIndex>(std::countr_zero(hits));
          if (line >= end || !visit(row(line))) return;
        }
      }
    }
  }

  /// How many tuples a look-up may have to probe; 0: there are so few lines that it needs none.
  [[nodiscard]] std::size_t tuples() const { return tuples_.size(); }
  /// Asks for the memory that a look-up among few lines begins with, and then, when that has come, for the rest
  /// (base/fetch.hpp).
  void fetch_head() const { base::fetch(&rules_, kHead); }
  void fetch() const {
    if (way_ == Way::kRows) base::fetch(rows_.data(), rows_.size() * sizeof(Row<Word>));
    if (way_ == Way::kBlocks) base::fetch(rules_.data(), sizeof(std::uint32_t));
    if (way_ == Way::kBlocks) base::fetch(blocks_.data(), sizeof(Block));
  }
  /// Bytes that it holds.
  [[nodiscard]] std::size_t memory() const;

 private:
  static constexpr bool kHasBlocks = sizeof(Word) == sizeof(std::uint32_t);
  /// What the first line of a flow is found by.
  enum class Way : std::uint8_t { kRows, kBlocks, kBitmaps, kShelves, kTuples };

  void keep(std::span<const Row<Word>> rows);
  [[nodiscard]] bool put_on_shelves(std::span<const Row<Word>> rows);
  [[nodiscard]] std::optional<Edit<Word>> edit_to(std::span<const Row<Word>> rows) const;
  [[nodiscard]] LineIndex first_of_rule(std::uint32_t rule) const;

  std::vector<std::uint32_t> rules_;  ///< of each line
  std::vector<Row<Word>> rows_;       ///< IPv6, and so few lines of IPv4 that they are less to read than a block
  std::vector<Block> blocks_;         ///< IPv4
  Way way_ = Way::kRows;
  static constexpr std::size_t kHead = 3 * sizeof(std::vector<Block>) + sizeof(Way);  ///< bytes, down to here
  Bitmaps<Word> bitmaps_;  ///< when there are too many lines to compare all
  Shelves shelves_;        ///< of IPv4, when there are too many lines for bitmaps
  Tuples<Word> tuples_;    ///< when there are too many lines for either
};

extern template class Lines<std::uint32_t>;
extern template class Lines<base::Uint128>;

}  // namespace policy
