#include "chase.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include "measure.hpp"

namespace bench {

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kLoads = 20'000'000;

struct alignas(64) Line {
  std::uint32_t next = 0;
};

// One cycle through all lines (Sattolo), so that no load finds what an earlier one brought until it comes round.
std::vector<Line> cycle(std::size_t count) {
  std::vector<Line> lines(count);
  for (std::size_t i = 0; i < count; ++i) lines[i].next = static_cast<std::uint32_t>(i);
  std::mt19937_64 random(1);
  for (std::size_t i = count - 1; i > 0; --i) std::swap(lines[i].next, lines[random() % i].next);
  return lines;
}

}  // namespace

double nanoseconds_a_load(std::size_t mib) {
  const std::vector<Line> lines = cycle(std::max<std::size_t>(2, mib * kMiB / sizeof(Line)));
  std::uint32_t at = 0;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kLoads; ++i) at = lines[at].next;
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  keep(at);
  return took.count() / static_cast<double>(kLoads);
}

}  // namespace bench
