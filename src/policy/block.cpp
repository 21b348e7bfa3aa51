#include "policy/block.hpp"

#include <algorithm>
#include <bit>

#include "policy/wide.hpp"
#include "policy/words.hpp"

// One body, compiled for each width of registers, chosen once when the program starts. Sanitizers instrument the
// resolvers before they are ready for it.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
#define TED_FOR_EACH_WIDTH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TED_FOR_EACH_WIDTH
#endif

namespace policy {

namespace {

constexpr std::uint32_t more_ports(base::PortRange local, base::PortRange remote) {
  return both_ports(static_cast<std::uint16_t>(local.hi - local.lo), static_cast<std::uint16_t>(remote.hi - remote.lo));
}

constexpr std::uint32_t upper(std::uint32_t both) {
  return both >> 16;
}
constexpr std::uint32_t lower(std::uint32_t both) {
  return both & 0xffffU;
}

constexpr base::PortRange range_of(std::uint32_t low, std::uint32_t more) {
  return {static_cast<std::uint16_t>(low), static_cast<std::uint16_t>(low + more)};
}

// True when each port is in its range: below its lowest the difference wraps to more than any span.
constexpr bool in_ranges(std::uint32_t low, std::uint32_t more, std::uint32_t ports) {
  return static_cast<bool>(static_cast<int>(upper(ports) - upper(low) <= upper(more)) &
                           static_cast<int>(lower(ports) - lower(low) <= lower(more)));
}

constexpr bool ranges_meet(std::uint32_t low, std::uint32_t more, std::uint32_t lo, std::uint32_t hi) {
  return static_cast<bool>(static_cast<int>(low <= hi) & static_cast<int>(low + more >= lo));
}

}  // namespace

void Block::set(std::size_t lane, const RowV4& row, LineIndex index) {
  local[lane] = row.local;
  local_mask[lane] = row.local_mask;
  remote[lane] = row.remote;
  remote_mask[lane] = row.remote_mask;
  low_ports[lane] = both_ports(row.local_port.lo, row.remote_port.lo);
  more_ports[lane] = policy::more_ports(row.local_port, row.remote_port);
  protocol[lane] = static_cast<std::uint32_t>(row.protocol) | static_cast<std::uint32_t>(row.protocol_mask) << 8;
  line[lane] = index;
}

RowV4 Block::row(std::size_t lane) const {
  return {.local = local[lane],
          .local_mask = local_mask[lane],
          .remote = remote[lane],
          .remote_mask = remote_mask[lane],
          .local_port = range_of(upper(low_ports[lane]), upper(more_ports[lane])),
          .remote_port = range_of(lower(low_ports[lane]), lower(more_ports[lane])),
          .rule = line[lane],
          .protocol = static_cast<std::uint8_t>(protocol[lane]),
          .protocol_mask = static_cast<std::uint8_t>(protocol[lane] >> 8)};
}

namespace {

// One bit for each lane whose line contains the key. Without a branch, so that the compiler sees lanes and not lines.
TED_FOR_EACH_WIDTH
std::uint32_t containing(const Block& block, const Key<std::uint32_t>& key) {
  const std::uint32_t from = key.from;
  const std::uint32_t to = key.to;
  const std::uint32_t ports = both_ports(key.from_port, key.to_port);
  const std::uint32_t protocol = key.protocol;
  std::array<std::uint32_t, Block::kLanes> hits{};
  for (std::size_t i = 0; i < Block::kLanes; ++i) {
    const std::uint32_t differs = ((from ^ block.local[i]) & block.local_mask[i]) |
                                  ((to ^ block.remote[i]) & block.remote_mask[i]) |
                                  ((protocol ^ block.protocol[i]) & (block.protocol[i] >> 8));
    const bool hit = static_cast<int>(differs == 0) & static_cast<int>(block.line[i] != kNoLine) &
                     static_cast<int>(in_ranges(block.low_ports[i], block.more_ports[i], ports));
    hits[i] = static_cast<std::uint32_t>(hit) << i;
  }
  std::uint32_t all = 0;
  for (const std::uint32_t hit : hits) all |= hit;
  return all;
}

#ifdef __x86_64__
TED_AVX512 inline const __m512i& bits(const Wide& wide) {
  return reinterpret_cast<const __m512i&>(wide);
}

// Not zero in the lanes whose addresses have not the key's.
TED_AVX512 inline Wide elsewhere_avx512(const Block& block, const Key<std::uint32_t>& key) {
  return ((as_wide(block.local) ^ key.from) & as_wide(block.local_mask)) |
         ((as_wide(block.remote) ^ key.to) & as_wide(block.remote_mask));
}

// One bit for each lane that has the key; empty lanes may have any. Compilers do not make this of the loop above. Both
// ports are compared as halves of a lane: what is below the lowest wraps, and what is left beyond the span is not zero.
TED_AVX512 inline std::uint64_t containing_avx512(const Block& block, const Wide& elsewhere,
                                                  const Key<std::uint32_t>& key) {
  const Wide& protocol = as_wide(block.protocol);
  const Wide other = (protocol ^ key.protocol) & (protocol >> 8);
  const Wide ports = Wide{} + both_ports(key.from_port, key.to_port);
  const __m512i above = _mm512_sub_epi16(bits(ports), bits(as_wide(block.low_ports)));
  const __m512i beyond = _mm512_subs_epu16(above, bits(as_wide(block.more_ports)));
  const __m512i differs = _mm512_or_si512(bits(elsewhere | other), beyond);
  return _mm512_testn_epi32_mask(differs, differs);
}

TED_AVX512 inline LineIndex first_in_avx512(std::span<const Block> blocks, const Key<std::uint32_t>& key,
                                            LineIndex before) {
  const Block* const end = blocks.data() + blocks.size();
  for (const Block* block = blocks.data(); block != end && block->line.front() < before; ++block) {
    const Wide elsewhere = elsewhere_avx512(*block, key);
    if (_mm512_testn_epi32_mask(bits(elsewhere), bits(elsewhere)) == 0) continue;  // half of the block is never touched
    const std::uint64_t hits = containing_avx512(*block, elsewhere, key);
    if (hits == 0) continue;
    // An empty lane is behind all others and says so.
    const LineIndex line = block->line.data()[std::countr_zero(hits)];
    if (line != kNoLine) return std::min(before, line);
  }
  return before;
}

// At most so many blocks are all compared, whatever is found in the first: fewer jumps that nobody can foresee.
constexpr std::size_t kFewBlocks = 8;
constexpr std::size_t kHalf = kFewBlocks / 2;  // whose lanes are one word

TED_AVX512 inline LineIndex first_in_few_avx512(std::span<const Block> blocks, const Key<std::uint32_t>& key) {
  std::array<std::uint64_t, 2> hits{};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Block& block = blocks.data()[i];
    hits.data()[i / kHalf] |= containing_avx512(block, elsewhere_avx512(block, key), key) << i % kHalf * Block::kLanes;
  }
  const std::size_t word = hits[0] == 0 ? 1 : 0;
  const std::uint64_t some = hits.data()[word];
  const std::size_t lane = word * kHalf * Block::kLanes + static_cast<std::size_t>(std::countr_zero(some));
  const std::size_t last = blocks.size() * Block::kLanes - 1;  // for a key that no lane has
  const LineIndex line = blocks.data()[std::min(lane, last) / Block::kLanes].line.data()[lane % Block::kLanes];
  return some == 0 ? kNoLine : line;
}

TED_AVX512 LineIndex first_in_few(std::span<const Block> blocks, const Key<std::uint32_t>& key) {
  return first_in_few_avx512(blocks, key);
}

TED_AVX512 void first_in_avx512(std::span<const Block> blocks, std::span<const Key<std::uint32_t>> keys,
                                std::span<LineIndex> lines) {
  if (blocks.size() <= kFewBlocks && !blocks.empty()) {
    for (std::size_t i = 0; i < keys.size(); ++i) lines[i] = first_in_few_avx512(blocks, keys[i]);
  } else {
    for (std::size_t i = 0; i < keys.size(); ++i) lines[i] = first_in_avx512(blocks, keys[i], kNoLine);
  }
}

// Pairs of a block and a key: all runs in one list, so that how long they are decides no branch.
struct BlockPairs {
  static constexpr std::size_t kMost = 512;
  std::size_t count = 0;
  std::array<std::uint32_t, kMost + Block::kLanes> blocks;
  std::array<std::uint32_t, kMost + Block::kLanes> keys;
};

// Keeps the pairs that have a lane with the addresses of the key: most have none, and half of their block is not
// touched.
TED_AVX512 void keep_near_avx512(BlockPairs& pairs, const Block* blocks, std::span<const Key<std::uint32_t>> keys) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pairs.count; ++i) {
    const std::uint32_t block = pairs.blocks.data()[i];
    const std::uint32_t key = pairs.keys.data()[i];
    const Wide elsewhere = elsewhere_avx512(blocks[block], keys.data()[key]);
    pairs.blocks.data()[kept] = block;
    pairs.keys.data()[kept] = key;
    kept += _mm512_testn_epi32_mask(bits(elsewhere), bits(elsewhere)) != 0 ? 1U : 0U;
  }
  pairs.count = kept;
}

// The last lane stands for none in a block that has no line for the key.
TED_AVX512 void compare_avx512(BlockPairs& pairs, const Block* blocks, std::span<const Key<std::uint32_t>> keys,
                               std::span<LineIndex> best) {
  static constexpr std::uint64_t kLast = std::uint64_t{1} << (Block::kLanes - 1);
  keep_near_avx512(pairs, blocks, keys);
  for (std::size_t i = 0; i < pairs.count; ++i) {
    const Block& block = blocks[pairs.blocks.data()[i]];
    const Key<std::uint32_t>& key = keys.data()[pairs.keys.data()[i]];
    const std::uint64_t hits = containing_avx512(block, elsewhere_avx512(block, key), key);
    const LineIndex line = block.line.data()[std::countr_zero(hits | kLast)];
    LineIndex& first = best.data()[pairs.keys.data()[i]];
    first = std::min(first, line | (0U - static_cast<LineIndex>(hits == 0)));
  }
  pairs.count = 0;
}

TED_AVX512 void first_in_avx512(const Block* blocks, std::span<const BlockRun> runs,
                                std::span<const Key<std::uint32_t>> keys, std::span<LineIndex> best) {
  const Wide count_up = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  TED_NOT_ZEROED BlockPairs pairs;
  pairs.count = 0;
  for (const BlockRun& run : runs) {
    for (std::uint32_t at = 0; at < run.count; at += Block::kLanes) {
      _mm512_storeu_si512(pairs.blocks.data() + pairs.count, bits(count_up + (run.begin + at)));
      _mm512_storeu_si512(pairs.keys.data() + pairs.count, bits(Wide{} + run.key));
      pairs.count += std::min<std::size_t>(Block::kLanes, run.count - at);
      if (pairs.count >= BlockPairs::kMost) compare_avx512(pairs, blocks, keys, best);
    }
  }
  compare_avx512(pairs, blocks, keys, best);
}
#endif

}  // namespace

void first_in(const Block* blocks, std::span<const BlockRun> runs, std::span<const Key<std::uint32_t>> keys,
              std::span<LineIndex> best) {
#ifdef __x86_64__
  if (has_avx512()) return first_in_avx512(blocks, runs, keys, best);
#endif
  first_in_anywhere(blocks, runs, keys, best);
}

void first_in_anywhere(const Block* blocks, std::span<const BlockRun> runs, std::span<const Key<std::uint32_t>> keys,
                       std::span<LineIndex> best) {
  for (const BlockRun& run : runs) {
    best[run.key] = first_in_anywhere(std::span(blocks + run.begin, run.count), keys[run.key], best[run.key]);
  }
}

LineIndex first_in(std::span<const Block> blocks, const Key<std::uint32_t>& key, LineIndex before) {
#ifdef __x86_64__
  if (has_avx512()) {
    const bool few = before == kNoLine && blocks.size() <= kFewBlocks && !blocks.empty();
    return few ? first_in_few(blocks, key) : first_in_avx512(blocks, key, before);
  }
#endif
  return first_in_anywhere(blocks, key, before);
}

void first_in(std::span<const Block> blocks, std::span<const Key<std::uint32_t>> keys, std::span<LineIndex> lines) {
#ifdef __x86_64__
  if (has_avx512()) return first_in_avx512(blocks, keys, lines);
#endif
  std::ranges::transform(keys, lines.begin(), [&](const auto& key) { return first_in_anywhere(blocks, key, kNoLine); });
}

LineIndex first_in_anywhere(std::span<const Block> blocks, const Key<std::uint32_t>& key, LineIndex before) {
  for (const Block& block : blocks) {
    if (block.line.front() >= before) return before;
    const std::uint32_t hits = containing(block, key);
    if (hits != 0) return std::min(before, block.line[static_cast<std::size_t>(std::countr_zero(hits))]);
  }
  return before;
}

TED_FOR_EACH_WIDTH
std::uint32_t overlaps(const Block& block, const RowV4& box) {
  std::array<std::uint32_t, Block::kLanes> hits{};
  const std::uint32_t box_protocol_mask = box.protocol_mask;
  for (std::size_t i = 0; i < Block::kLanes; ++i) {
    const std::uint32_t differs = ((box.local ^ block.local[i]) & box.local_mask & block.local_mask[i]) |
                                  ((box.remote ^ block.remote[i]) & box.remote_mask & block.remote_mask[i]) |
                                  ((box.protocol ^ block.protocol[i]) & box_protocol_mask & (block.protocol[i] >> 8));
    const bool hit = static_cast<int>(differs == 0) & static_cast<int>(block.line[i] != kNoLine) &
                     static_cast<int>(ranges_meet(upper(block.low_ports[i]), upper(block.more_ports[i]),
                                                  box.local_port.lo, box.local_port.hi)) &
                     static_cast<int>(ranges_meet(lower(block.low_ports[i]), lower(block.more_ports[i]),
                                                  box.remote_port.lo, box.remote_port.hi));
    hits[i] = static_cast<std::uint32_t>(hit) << i;
  }
  std::uint32_t all = 0;
  for (const std::uint32_t hit : hits) all |= hit;
  return all;
}

}  // namespace policy
