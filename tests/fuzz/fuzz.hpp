// What every fuzz target has: libFuzzer's entry point, and a way to say that a property does not hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Ends the program, which is how libFuzzer and the replay see a failure.
inline void require(bool holds) {
  if (!holds) std::abort();
}
