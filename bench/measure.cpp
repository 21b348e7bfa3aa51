#include "measure.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace bench {

namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kRepetition = std::chrono::milliseconds(5);

/// This thread's own time: what other programs take of a shared machine is not ours.
nanoseconds processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

double repetition(const Case& what) {
  nanoseconds spent{};
  std::size_t items = 0;
  while (spent < kRepetition) {
    if (what.prepare) what.prepare();
    const auto began = processor_time();
    what.run();
    spent += processor_time() - began;
    items += what.items;
  }
  return static_cast<double>(spent.count()) / static_cast<double>(items);
}

}  // namespace

std::vector<Sample> measure(const std::vector<Case>& cases, std::size_t repetitions) {
  std::vector<std::vector<double>> times(cases.size());
  for (const Case& what : cases) repetition(what);  // caches, branch predictors and the allocator get warm
  for (std::size_t turn = 0; turn < repetitions; ++turn) {
    for (std::size_t i = 0; i < cases.size(); ++i) times[i].push_back(repetition(cases[i]));
  }
  std::vector<Sample> samples;
  for (auto& of_one : times) {
    std::ranges::sort(of_one);
    samples.push_back({of_one[of_one.size() / 2], of_one.front(), of_one.back()});
  }
  return samples;
}

}  // namespace bench
