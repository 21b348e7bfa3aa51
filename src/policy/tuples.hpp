// First match in a large policy: tuple space search (Srinivasan, Suri, Varghese 1999) with tuples that merge while a
// probe saved is worth the lines it adds (after TupleMerge; Daly et al. 2019).
//
// A tuple is a set of bits of the key; each line is filed in one tuple whose bits it all names, under the hash of their
// values. A mask of any shape is a set of bits like another. A look-up probes each tuple once, in the order of their
// first lines, and stops when no tuple left can hold an earlier line than the one found.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "policy/block.hpp"
#include "policy/rows.hpp"

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

  [[nodiscard]] std::size_t size() const { return tuples_.size(); }
  /// Bytes that it holds.
  [[nodiscard]] std::size_t memory() const;

 private:
  struct Tuple {
    Word local_mask;
    Word remote_mask;
    std::uint64_t rest_mask;  ///< of protocol and ports
    std::uint32_t first_bucket;
    std::uint32_t shift;  ///< of the hash, so that as many bits are left as buckets need
    LineIndex first_line;
  };
  struct Bucket {
    std::uint32_t begin = 0;  ///< in rows_; in blocks_ when it is long
    std::uint32_t count = 0;  ///< of rows or of blocks
    std::uint32_t tags = 0;   ///< a bit for each line in it: most keys that are not here are turned away
  };
  static constexpr bool kHasBlocks = sizeof(Word) == sizeof(std::uint32_t);
  static constexpr std::uint32_t kLong = 1U << 31;  ///< in a bucket's count: its lines are blocks

  void fill(Bucket& bucket, std::span<const Row<Word>> rows,
            std::span<const std::pair<std::uint32_t, LineIndex>> places);
  [[nodiscard]] LineIndex scan(const Bucket& bucket, const Key<Word>& key, LineIndex best) const;

  std::vector<Tuple> tuples_;  ///< in the order of their first lines
  std::vector<Bucket> buckets_;
  std::vector<Row<Word>> rows_;  ///< `rule` is the line's index
  std::vector<Block> blocks_;    ///< of long buckets, IPv4 only
};

extern template class Tuples<std::uint32_t>;
extern template class Tuples<base::Uint128>;

}  // namespace policy
