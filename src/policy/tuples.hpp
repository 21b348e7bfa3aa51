// First match in a large policy: tuple space search (Srinivasan, Suri, Varghese 1999), sixteen tuples at a time.
//
// A tuple is a set of bits of the key; each line is filed in one tuple whose bits it all names, under the hash of their
// values. A mask of any shape is a set of bits like another. A look-up probes each tuple once, in the order of their
// first lines, and stops when no tuple left can hold an earlier line than the one found.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "policy/block.hpp"
#include "policy/edit.hpp"
#include "policy/grouping.hpp"
#include "policy/probe.hpp"
#include "policy/rows.hpp"
#include "policy/runs.hpp"
#include "policy/words.hpp"

namespace policy {

/// Never changes once built. `Word` is the address of the family: 32 bits, or 128.
template <class Word>
class Tuples {
 public:
  Tuples() = default;
  /// `rows` in the order of the policy; a line's index is its position in them.
  explicit Tuples(std::span<const Row<Word>> rows);

  /// The first line that contains the key; kNoLine: none.
  [[nodiscard]] LineIndex first(const Key<Word>& key) const;
  /// The same for many keys at once, their memory waited for together. `lines` is as long as `keys`.
  void first(std::span<const Key<Word>> keys, std::span<LineIndex> lines) const;

  /// The same as tuples built of the edited lines, sooner; nothing when it has to be built anew.
  [[nodiscard]] std::optional<Tuples> edited(const Edit<Word>& edit) const;

  /// How many tuples there are.
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Bytes that it holds.
  [[nodiscard]] std::size_t memory() const;

 private:
  using Lanes = TupleLanes<kWords<Word>>;
  struct Bucket {
    std::uint32_t begin = 0;  ///< in exact_ and ranges_; in blocks_ when it is long
    std::uint32_t count = 0;  ///< of lines or of blocks
  };
  static constexpr bool kHasBlocks = sizeof(Word) == sizeof(std::uint32_t);
  static constexpr std::uint32_t kLong = 1U << 31;  ///< in a bucket's count: there are more than kMaxRun lines

  static constexpr bool has_blocks(std::size_t lines) { return kHasBlocks && lines > kMaxRun; }

  // --- building ---
  void add_tuple(const Words<Word>& mask, std::span<const Row<Word>> rows);
  void file(std::uint32_t bucket, std::span<const Row<Word>> rows);
  void write(const Bucket& bucket, std::span<const Row<Word>> rows);
  void settle();

  // --- looking up ---
  void look(std::span<const Words<Word>> words, std::span<const Key<Word>> keys, std::span<LineIndex> best) const;
  [[nodiscard]] LineIndex first_in_long(const Bucket& bucket, const Words<Word>& words, const Key<Word>& key,
                                        LineIndex best) const;

  // --- editing ---
  [[nodiscard]] Tuples copy_with_room(std::size_t lines) const;
  [[nodiscard]] bool is_worn() const;
  [[nodiscard]] Words<Word> mask(std::size_t tuple) const;
  [[nodiscard]] std::uint32_t bucket_of(std::size_t tuple, const Row<Word>& row) const;
  [[nodiscard]] std::vector<Row<Word>> members(std::uint32_t bucket) const;
  void file_again(std::size_t tuple, std::uint32_t bucket, std::span<const Row<Word>> rows);
  [[nodiscard]] bool remove(const Row<Word>& row);
  void add(const Row<Word>& row);
  void move_lines(const Edit<Word>& edit);

  std::vector<Lanes> lanes_;           ///< in the order of their first lines when they were built
  std::vector<LineIndex> first_line_;  ///< no line of these lanes or any that follow is earlier
  std::size_t size_ = 0;
  std::size_t built_size_ = 0;             ///< without the tuples that edits added
  std::size_t waste_ = 0;                  ///< lines that edits left behind
  std::vector<std::uint32_t> tags_ = {0};  ///< of each bucket: what tag() says of its lines
  std::vector<Bucket> buckets_ = {{}};     ///< the first is the one of lanes not in use
  std::vector<Exact<Word>> exact_;         ///< of the lines of buckets without blocks
  std::vector<Ranges> ranges_;             ///< of the same lines
  std::vector<Block> blocks_;              ///< of long buckets, IPv4 only
};

extern template class Tuples<std::uint32_t>;
extern template class Tuples<base::Uint128>;

}  // namespace policy
