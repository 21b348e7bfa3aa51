// Sixteen 32-bit lanes in one register, where the processor has such registers: chosen at run time, so that one program
// runs on all. Code that uses them has a twin that does not, and tests compare the two.
#pragma once

#include <array>
#include <cstdint>

#ifdef __x86_64__
#include <immintrin.h>
#endif

/// For large arrays on the stack of functions that run once a packet: written before they are read, and too dear to be
/// filled with zeros first, as compilers are told to do elsewhere.
#define TED_NOT_ZEROED __attribute__((uninitialized))

namespace policy {

#ifdef __x86_64__

#define TED_AVX512 __attribute__((target("avx512f,avx512bw")))

/// Its operators are those of each lane. Only functions marked TED_AVX512 may hold one.
using Wide [[gnu::vector_size(64), gnu::may_alias]] = std::uint32_t;

/// `lanes` are aligned to 64 bytes.
inline const Wide& as_wide(const std::array<std::uint32_t, 16>& lanes) {
  return *reinterpret_cast<const Wide*>(lanes.data());
}

[[nodiscard]] inline bool has_avx512() {
  static const bool kHas = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
  return kHas;
}

#endif

}  // namespace policy
