#include "policy/runs.hpp"

#include <algorithm>

#include "policy/wide.hpp"

namespace policy {

namespace {

// Anywhere in an array of numbers.
using Eight [[gnu::vector_size(kMaxRun * sizeof(std::uint32_t)), gnu::aligned(4), gnu::may_alias]] = std::uint32_t;

// Pairs of a line and a key: all runs in one list, so that how long they are decides no branch.
struct Pairs {
  static constexpr std::size_t kRuns = 64;
  std::size_t count = 0;
  std::array<std::uint32_t, (kRuns + 1) * kMaxRun> lines;
  std::array<std::uint32_t, (kRuns + 1) * kMaxRun> keys;

  explicit Pairs(std::span<const Run> runs) {
    const Eight count_up = {0, 1, 2, 3, 4, 5, 6, 7};
    for (const Run& run : runs) {
      *reinterpret_cast<Eight*>(lines.data() + count) = count_up + run.begin;
      *reinterpret_cast<Eight*>(keys.data() + count) = Eight{} + run.key;
      count += run.count;
    }
  }
};

}  // namespace

template <class Word>
void compare(std::span<const Run> runs, const Exact<Word>* exact, const Ranges* ranges,
             std::span<const Words<Word>> keys, std::span<LineIndex> best) {
  for (; !runs.empty(); runs = runs.subspan(std::min(runs.size(), Pairs::kRuns))) {
    TED_NOT_ZEROED Pairs pairs(runs.first(std::min(runs.size(), Pairs::kRuns)));
    std::uint32_t* const lines = pairs.lines.data();
    std::uint32_t* const of = pairs.keys.data();
    std::size_t left = 0;
    for (std::size_t i = 0; i < pairs.count; ++i) {
      const std::uint32_t line = lines[i];
      const std::uint32_t key = of[i];
      lines[left] = line;
      of[left] = key;
      left += exact[line].contains(keys.data()[key]) ? 1U : 0U;
    }
    for (std::size_t i = 0; i < left; ++i) {
      const Ranges& line = ranges[lines[i]];
      if (line.contain(keys[of[i]][kPortsWord<Word>])) best[of[i]] = std::min(best[of[i]], line.line);
    }
  }
}

template void compare(std::span<const Run>, const Exact<std::uint32_t>*, const Ranges*,
                      std::span<const Words<std::uint32_t>>, std::span<LineIndex>);
template void compare(std::span<const Run>, const Exact<base::Uint128>*, const Ranges*,
                      std::span<const Words<base::Uint128>>, std::span<LineIndex>);

}  // namespace policy
