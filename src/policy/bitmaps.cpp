#include "policy/bitmaps.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "policy/allowed.hpp"
#include "policy/rounds.hpp"
#include "policy/samples.hpp"
#include "policy/wide.hpp"

namespace policy {

namespace {

constexpr std::size_t kValues = 256;  // of a byte
constexpr std::size_t kWordBits = 64;
constexpr std::size_t kSamples = 64;

// --- costs, in about a nanosecond ---

constexpr double kRowCost = 50;         // of one line compared: what it decides is not foreseen
constexpr double kSliceCost = 0.6;      // of one more byte
constexpr double kSliceWordCost = 0.1;  // of 64 lines in it

std::uint8_t byte_at(const void* key, std::uint32_t position) {
  return static_cast<const std::uint8_t*>(key)[position];
}

// All bitmaps of one byte: `stride` words for each value.
template <class Word>
std::vector<std::uint64_t> bitmaps_of(std::span<const AllowedBytes<Word>> lines, std::size_t byte, std::size_t stride) {
  std::vector<std::uint64_t> bits(kValues * stride);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i % kWordBits;
    lines[i][byte].visit([&](unsigned value) { bits[value * stride + i / kWordBits] |= bit; });
  }
  return bits;
}

}  // namespace

template <class Word>
Bitmaps<Word>::Bitmaps(std::span<const Row<Word>> rows)
    : stride_(std::bit_ceil(std::max<std::size_t>(1, (rows.size() + kWordBits - 1) / kWordBits))),
      rows_(rows.begin(), rows.end()) {
  choose(rows);
}

// The byte that leaves the fewest lines to compare, again and again, while the lines that it spares are worth it.
template <class Word>
void Bitmaps<Word>::choose(std::span<const Row<Word>> rows) {
  std::vector<AllowedBytes<Word>> lines;
  lines.reserve(rows.size());
  for (const Row<Word>& row : rows) lines.push_back(allowed_bytes(row));
  std::vector<std::pair<std::uint32_t, std::vector<std::uint64_t>>> offers;
  for (std::uint32_t byte = 0; byte < kKeyBytes<Word>; ++byte) {
    if (std::ranges::all_of(lines, [byte](const auto& line) { return line[byte].is_all(); })) continue;
    offers.emplace_back(byte, bitmaps_of<Word>(lines, byte, stride_));
  }
  // Of each sample, the lines that would be compared: not those behind one that contains it.
  const auto samples = draw_samples(rows, kSamples);
  std::vector<std::uint64_t> left(samples.size() * stride_);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (LineIndex line = 0; line <= samples[i].line; ++line) {
      left[i * stride_ + line / kWordBits] |= std::uint64_t{1} << line % kWordBits;
    }
    compared += samples[i].line + 1;
  }
  const auto spare = [&](const auto& offer, auto use) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::uint64_t* const bits = offer.second.data() + byte_at(&samples[i].key, offer.first) * stride_;
      for (std::size_t word = 0; word < stride_; ++word) use(left[i * stride_ + word], bits[word]);
    }
  };
  const double cost =
      (kSliceCost + kSliceWordCost * static_cast<double>(stride_)) * static_cast<double>(samples.size());
  while (!offers.empty()) {
    auto best = offers.end();
    std::size_t fewest = compared;
    for (auto offer = offers.begin(); offer != offers.end(); ++offer) {
      std::size_t count = 0;
      spare(*offer, [&count](std::uint64_t some, std::uint64_t bits) {
        count += static_cast<std::size_t>(std::popcount(some & bits));
      });
      if (count >= fewest) continue;
      fewest = count;
      best = offer;
    }
    if (best == offers.end() || kRowCost * static_cast<double>(compared - fewest) < cost) return;
    compared = fewest;
    spare(*best, [](std::uint64_t& some, std::uint64_t bits) { some &= bits; });
    slices_.push_back({best->first, static_cast<std::uint32_t>(bits_.size())});
    bits_.insert(bits_.end(), best->second.begin(), best->second.end());
    offers.erase(best);
  }
}

// `left`: the lines that all bytes allow; `set`: which words of it are not zero.
template <class Word>
LineIndex Bitmaps<Word>::first_of(std::uint64_t* left, unsigned set, const Key<Word>& key) const {
  for (; set != 0; set &= set - (left[std::countr_zero(set)] == 0 ? 1U : 0U)) {
    std::uint64_t& some = left[std::countr_zero(set)];
    const std::size_t line =
        static_cast<std::size_t>(std::countr_zero(set)) * kWordBits + static_cast<std::size_t>(std::countr_zero(some));
    if (line >= rows_.size()) return kNoLine;  // without a slice all bits are set
    if (rows_.data()[line].contains(key)) return static_cast<LineIndex>(line);
    some &= some - 1;
  }
  return kNoLine;
}

template <class Word>
template <std::size_t kStride>
LineIndex Bitmaps<Word>::look(const Key<Word>& key) const {
  std::array<std::uint64_t, kStride> left;
  left.fill(std::numeric_limits<std::uint64_t>::max());
  for (const Slice& slice : slices_) {
    const std::uint64_t* const bits = bits_.data() + slice.begin + byte_at(&key, slice.byte) * kStride;
    for (std::size_t word = 0; word < kStride; ++word) left[word] &= bits[word];
  }
  unsigned set = 0;
  for (std::size_t word = 0; word < kStride; ++word) set |= static_cast<unsigned>(left[word] != 0) << word;
  return first_of(left.data(), set, key);
}

#ifdef __x86_64__
namespace {

// The lines that all slices allow, as words, and which of these are not zero.
template <std::size_t kVectors, class Slices>
TED_AVX512 inline std::uint32_t allowed_avx512(const Slices& slices, const std::uint64_t* bits, const void* key,
                                               std::uint64_t* words) {
  static constexpr std::size_t kVectorWords = 8;
  __m512i left[kVectors];  // in registers
  for (__m512i& some : left) some = _mm512_set1_epi32(-1);
  for (const auto& slice : slices) {
    const std::uint64_t* const own = bits + slice.begin + byte_at(key, slice.byte) * kVectors * kVectorWords;
    for (std::size_t i = 0; i < kVectors; ++i) {
      left[i] = _mm512_and_si512(left[i], _mm512_loadu_si512(own + i * kVectorWords));
    }
  }
  std::uint32_t set = 0;
  for (std::size_t i = 0; i < kVectors; ++i) {
    const __m512i some = left[i];
    _mm512_storeu_si512(words + i * kVectorWords, some);
    set |= static_cast<std::uint32_t>(_mm512_test_epi64_mask(some, some)) << i * kVectorWords;
  }
  return set;
}

// At most kRoundKeys keys.
template <std::size_t kVectors, class Word, class Slices>
TED_AVX512 void first_avx512(const Slices& slices, const std::uint64_t* bits, const Row<Word>* rows,
                             std::span<const Key<Word>> keys, std::span<LineIndex> lines) {
  TED_NOT_ZEROED std::array<Maybe<kVectors * 8>, kRoundKeys> maybe;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    maybe[i].set = allowed_avx512<kVectors>(slices, bits, &keys[i], maybe[i].lines.data());
  }
  compare_in_rounds(
      std::span(maybe).first(keys.size()),
      [&](LineIndex line, std::uint32_t key) { return rows[line].contains(keys.data()[key]); }, lines);
}

}  // namespace

template <class Word>
template <std::size_t kVectors>
TED_AVX512 LineIndex Bitmaps<Word>::look_avx512(const Key<Word>& key) const {
  alignas(64) std::array<std::uint64_t, kVectors * 8> words;
  const std::uint32_t set = allowed_avx512<kVectors>(slices_, bits_.data(), &key, words.data());
  return first_of(words.data(), set, key);
}
#endif

template <class Word>
LineIndex Bitmaps<Word>::first_anywhere(const Key<Word>& key) const {
  switch (stride_) {
    case 1: return look<1>(key);
    case 2: return look<2>(key);
    case 4: return look<4>(key);
    case 8: return look<8>(key);
    default: return look<16>(key);
  }
}

template <class Word>
LineIndex Bitmaps<Word>::first(const Key<Word>& key) const {
#ifdef __x86_64__
  if (has_avx512() && stride_ >= 8) return stride_ == 8 ? look_avx512<1>(key) : look_avx512<2>(key);
#endif
  return first_anywhere(key);
}

template <class Word>
void Bitmaps<Word>::first(std::span<const Key<Word>> keys, std::span<LineIndex> lines) const {
#ifdef __x86_64__
  // Without a slice all bits are set, also those of lines that there are not.
  if (has_avx512() && stride_ >= 8 && !slices_.empty()) {
    for (std::size_t begin = 0; begin < keys.size(); begin += kRoundKeys) {
      const auto some = keys.subspan(begin, std::min(kRoundKeys, keys.size() - begin));
      const auto found = lines.subspan(begin, some.size());
      if (stride_ == 8) {
        first_avx512<1>(slices_, bits_.data(), rows_.data(), some, found);
      } else {
        first_avx512<2>(slices_, bits_.data(), rows_.data(), some, found);
      }
    }
    return;
  }
#endif
  std::ranges::transform(keys, lines.begin(), [this](const Key<Word>& key) { return first(key); });
}

template <class Word>
std::size_t Bitmaps<Word>::memory() const {
  return slices_.capacity() * sizeof(Slice) + bits_.capacity() * sizeof(std::uint64_t) +
         rows_.capacity() * sizeof(Row<Word>);
}

template class Bitmaps<std::uint32_t>;
template class Bitmaps<base::Uint128>;

}  // namespace policy
