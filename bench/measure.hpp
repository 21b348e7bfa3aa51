// How a piece of code is timed: in batches, all cases in turn, so that a slow second of the machine hits all of them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// One thing to time. `prepare` is called before every `run` and is not timed; it may be empty.
struct Case {
  std::string name;
  std::string floor;      ///< name of the case that no implementation can beat; empty for a floor itself
  double goal_ns = 0;     ///< at most this for one item; 0: no goal
  std::size_t items = 0;  ///< what one `run` does, so many times
  std::function<void()> prepare;
  std::function<void()> run;
};

/// Nanoseconds of processor time for one item.
struct Sample {
  double median = 0;
  double min = 0;
  double max = 0;
};

/// Times every case `repetitions` times, A B C A B C; each repetition runs for at least a few milliseconds. Same order
/// as `cases`.
[[nodiscard]] std::vector<Sample> measure(const std::vector<Case>& cases, std::size_t repetitions);

/// The compiler must assume that `value` is read and changed here.
template <class T>
void keep(T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

}  // namespace bench
