#include "policy/probe.hpp"

#include <bit>

#include "policy/wide.hpp"
#include "policy/words.hpp"

namespace policy {

template <std::size_t kCount>
void probe_anywhere(const TupleLanes<kCount>& tuples, const std::uint32_t* tags,
                    std::span<const std::array<std::uint32_t, kCount>> keys, std::span<const LineIndex> best,
                    Candidates& found) {
  std::size_t count = 0;
  for (std::uint32_t key = 0; key < keys.size(); ++key) {
    typename TupleLanes<kCount>::Lanes sums{};
    for (std::size_t word = 0; word < kCount; ++word) {
      const std::uint32_t value = keys[key][word];
      const auto& masks = tuples.masks[word];
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += hash_share(value & masks[i], word);
    }
    // Written whether it is one or not, and kept when it is: no branch depends on what the network sent.
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const std::uint32_t hashed = finish_hash(sums[i]);
      const std::uint32_t bucket = tuples.first_bucket[i] + (hashed >> tuples.shift[i]);
      const std::uint32_t wanted = tag(hashed);
      found.keys[count] = key;
      found.buckets[count] = bucket;
      count += static_cast<std::size_t>((tags[bucket] & wanted) == wanted) &
               static_cast<std::size_t>(tuples.first_line[i] < best[key]);
    }
  }
  found.count = count;
}

#ifdef __x86_64__

namespace {

template <std::size_t kCount>
TED_AVX512 void probe_avx512(const TupleLanes<kCount>& tuples, const std::uint32_t* tags,
                             std::span<const std::array<std::uint32_t, kCount>> keys, std::span<const LineIndex> best,
                             Candidates& found) {
  const auto bits = [](const Wide& wide)
                        TED_AVX512 -> const __m512i& { return reinterpret_cast<const __m512i&>(wide); };
  const __m512i none = _mm512_setzero_si512();
  const Wide one = Wide{} + 1U;
  std::size_t count = 0;
  for (std::uint32_t key = 0; key < keys.size(); ++key) {
    const std::uint32_t* const words = keys.data()[key].data();
    Wide sum{};
    for (std::size_t i = 0; i < kCount; ++i) {
      const Wide masked = as_wide(tuples.masks.data()[i]) & words[i];
      sum += (masked ^ masked >> 16) * kOddNumbers.data()[i];
    }
    const Wide mixed = (sum ^ sum >> 15) * kLastNumber;
    const Wide hashed = mixed ^ mixed >> 16;
    const Wide bucket = as_wide(tuples.first_bucket) + (hashed >> as_wide(tuples.shift));
    const Wide wanted = one << (hashed & 31U) | one << (hashed >> 5 & 31U);
    const __mmask16 earlier =
        _mm512_cmplt_epu32_mask(bits(as_wide(tuples.first_line)), bits(Wide{} + best.data()[key]));
    const __m512i there = _mm512_mask_i32gather_epi32(none, earlier, bits(bucket), tags, 4);
    const __mmask16 hits = _mm512_mask_cmpeq_epi32_mask(earlier, _mm512_and_si512(there, bits(wanted)), bits(wanted));
    _mm512_storeu_si512(found.keys.data() + count, bits(Wide{} + key));
    _mm512_storeu_si512(found.buckets.data() + count, _mm512_maskz_compress_epi32(hits, bits(bucket)));
    count += static_cast<std::size_t>(std::popcount(hits));
  }
  found.count = count;
}

}  // namespace

#endif

template <std::size_t kCount>
void probe(const TupleLanes<kCount>& tuples, const std::uint32_t* tags,
           std::span<const std::array<std::uint32_t, kCount>> keys, std::span<const LineIndex> best,
           Candidates& found) {
#ifdef __x86_64__
  if (has_avx512()) return probe_avx512(tuples, tags, keys, best, found);
#endif
  probe_anywhere(tuples, tags, keys, best, found);
}

template void probe(const TupleLanes<4>&, const std::uint32_t*, std::span<const std::array<std::uint32_t, 4>>,
                    std::span<const LineIndex>, Candidates&);
template void probe(const TupleLanes<10>&, const std::uint32_t*, std::span<const std::array<std::uint32_t, 10>>,
                    std::span<const LineIndex>, Candidates&);
template void probe_anywhere(const TupleLanes<4>&, const std::uint32_t*, std::span<const std::array<std::uint32_t, 4>>,
                             std::span<const LineIndex>, Candidates&);
template void probe_anywhere(const TupleLanes<10>&, const std::uint32_t*,
                             std::span<const std::array<std::uint32_t, 10>>, std::span<const LineIndex>, Candidates&);

}  // namespace policy
