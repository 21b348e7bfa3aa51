#include "policy/block.hpp"

#include <algorithm>
#include <bit>

#include "policy/wide.hpp"

// One body, compiled for each width of registers, chosen once when the program starts. Sanitizers instrument the
// resolvers before they are ready for it.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
#define TED_FOR_EACH_WIDTH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TED_FOR_EACH_WIDTH
#endif

namespace policy {

namespace {

constexpr std::uint32_t pack(base::PortRange range) {
  return static_cast<std::uint32_t>(range.lo) | static_cast<std::uint32_t>(range.hi - range.lo) << 16;
}

constexpr base::PortRange unpack(std::uint32_t packed) {
  const auto lo = static_cast<std::uint16_t>(packed);
  return {lo, static_cast<std::uint16_t>(lo + (packed >> 16))};
}

// True when `port` is in the packed range: below its lowest the difference wraps to more than any span.
constexpr bool in_range(std::uint32_t packed, std::uint32_t port) {
  return (port - (packed & 0xffffU)) <= packed >> 16;
}

constexpr bool ranges_meet(std::uint32_t packed, std::uint32_t lo, std::uint32_t hi) {
  const std::uint32_t low = packed & 0xffffU;
  return static_cast<int>(low <= hi) & static_cast<int>(low + (packed >> 16) >= lo);
}

}  // namespace

void Block::set(std::size_t lane, const RowV4& row, LineIndex index) {
  local[lane] = row.local;
  local_mask[lane] = row.local_mask;
  remote[lane] = row.remote;
  remote_mask[lane] = row.remote_mask;
  local_port[lane] = pack(row.local_port);
  remote_port[lane] = pack(row.remote_port);
  protocol[lane] = static_cast<std::uint32_t>(row.protocol) | static_cast<std::uint32_t>(row.protocol_mask) << 8;
  line[lane] = index;
}

RowV4 Block::row(std::size_t lane) const {
  return {.local = local[lane],
          .local_mask = local_mask[lane],
          .remote = remote[lane],
          .remote_mask = remote_mask[lane],
          .local_port = unpack(local_port[lane]),
          .remote_port = unpack(remote_port[lane]),
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
  const std::uint32_t from_port = key.from_port;
  const std::uint32_t to_port = key.to_port;
  const std::uint32_t protocol = key.protocol;
  std::array<std::uint32_t, Block::kLanes> hits{};
  for (std::size_t i = 0; i < Block::kLanes; ++i) {
    const std::uint32_t differs = ((from ^ block.local[i]) & block.local_mask[i]) |
                                  ((to ^ block.remote[i]) & block.remote_mask[i]) |
                                  ((protocol ^ block.protocol[i]) & (block.protocol[i] >> 8));
    const bool hit = static_cast<int>(differs == 0) & static_cast<int>(block.line[i] != kNoLine) &
                     static_cast<int>(in_range(block.local_port[i], from_port)) &
                     static_cast<int>(in_range(block.remote_port[i], to_port));
    hits[i] = static_cast<std::uint32_t>(hit) << i;
  }
  std::uint32_t all = 0;
  for (const std::uint32_t hit : hits) all |= hit;
  return all;
}

#ifdef __x86_64__
// Compilers do not make this of the loop above.
TED_AVX512 inline LineIndex first_in_avx512(std::span<const Block> blocks, const Key<std::uint32_t>& key,
                                            LineIndex before) {
  const auto bits = [](const Wide& wide)
                        TED_AVX512 -> const __m512i& { return reinterpret_cast<const __m512i&>(wide); };
  const Block* const end = blocks.data() + blocks.size();
  for (const Block* block = blocks.data(); block != end && block->line.front() < before; ++block) {
    const Wide elsewhere = ((as_wide(block->local) ^ key.from) & as_wide(block->local_mask)) |
                           ((as_wide(block->remote) ^ key.to) & as_wide(block->remote_mask));
    __mmask16 hits = _mm512_testn_epi32_mask(bits(elsewhere), bits(elsewhere));
    if (hits == 0) continue;  // half of the block is never touched
    const Wide& protocol = as_wide(block->protocol);
    const Wide other = (protocol ^ key.protocol) & (protocol >> 8);
    hits = _mm512_mask_testn_epi32_mask(hits, bits(other), bits(other));
    const auto keep_in_range = [&](const Wide& range, std::uint32_t port) TED_AVX512 {
      const Wide above = port - (range & 0xffffU);
      const Wide span = range >> 16;
      hits = _mm512_mask_cmple_epu32_mask(hits, bits(above), bits(span));
    };
    keep_in_range(as_wide(block->local_port), key.from_port);
    keep_in_range(as_wide(block->remote_port), key.to_port);
    if (hits != 0) return std::min(before, block->line.data()[std::countr_zero(hits)]);
  }
  return before;
}

TED_AVX512 void first_in_avx512(std::span<const Block> blocks, std::span<const Key<std::uint32_t>> keys,
                                std::span<LineIndex> lines) {
  for (std::size_t i = 0; i < keys.size(); ++i) lines[i] = first_in_avx512(blocks, keys[i], kNoLine);
}
#endif

}  // namespace

LineIndex first_in(std::span<const Block> blocks, const Key<std::uint32_t>& key, LineIndex before) {
#ifdef __x86_64__
  if (has_avx512()) return first_in_avx512(blocks, key, before);
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
                     static_cast<int>(ranges_meet(block.local_port[i], box.local_port.lo, box.local_port.hi)) &
                     static_cast<int>(ranges_meet(block.remote_port[i], box.remote_port.lo, box.remote_port.hi));
    hits[i] = static_cast<std::uint32_t>(hit) << i;
  }
  std::uint32_t all = 0;
  for (const std::uint32_t hit : hits) all |= hit;
  return all;
}

}  // namespace policy
