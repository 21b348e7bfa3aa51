// First match in a policy of up to about a thousand lines: bit vectors (Lakshman, Stiliadis 1998) by bytes of the key.
//
// For a byte of the key, and each value of it, one bit for every line that allows that value there. The lines that all
// bytes of a key allow are few; the first of them that contains the key is the answer. A mask of any shape allows
// values byte by byte, so none is a special case.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "policy/block.hpp"
#include "policy/rows.hpp"
#include "policy/wide.hpp"

namespace policy {

/// Never changes once built. `Word` is the address of the family: 32 bits, or 128.
template <class Word>
class Bitmaps {
 public:
  /// Lines, at most.
  static constexpr std::size_t kMaxLines = 1024;

  Bitmaps() = default;
  /// `rows` in the order of the policy, at most kMaxLines; a line's index is its position in them.
  explicit Bitmaps(std::span<const Row<Word>> rows);

  /// The first line that contains the key; kNoLine: none.
  [[nodiscard]] LineIndex first(const Key<Word>& key) const;
  /// The same for many keys. `lines` is as long as `keys`.
  void first(std::span<const Key<Word>> keys, std::span<LineIndex> lines) const;
  /// The same without wide registers, for processors that have none.
  [[nodiscard]] LineIndex first_anywhere(const Key<Word>& key) const;

  /// Bytes that it holds.
  [[nodiscard]] std::size_t memory() const;

 private:
  /// The bitmaps of one byte of the key.
  struct Slice {
    std::uint32_t byte;   ///< its position in the key
    std::uint32_t begin;  ///< in bits_: the bitmap of value 0
  };

  template <std::size_t kStride>
  [[nodiscard]] LineIndex look(const Key<Word>& key) const;
  template <std::size_t kVectors>
  [[nodiscard]] TED_AVX512 LineIndex look_avx512(const Key<Word>& key) const;
  [[nodiscard]] LineIndex first_of(std::uint64_t* left, unsigned set, const Key<Word>& key) const;
  void choose(std::span<const Row<Word>> rows);

  std::size_t stride_ = 1;  ///< 64-bit words in a bitmap: a power of two
  std::vector<Slice> slices_;
  std::vector<std::uint64_t> bits_;
  std::vector<Row<Word>> rows_;
};

extern template class Bitmaps<std::uint32_t>;
extern template class Bitmaps<base::Uint128>;

}  // namespace policy
