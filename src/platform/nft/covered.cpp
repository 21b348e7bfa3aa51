#include "platform/nft/covered.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>

namespace nft {
namespace {

using base::Family;
using base::MaskedAddress;
using policy::Rule;

constexpr std::size_t kMostIntervals = 256;

/// Sorted, and neither overlapping nor touching.
std::vector<Interval> joined(std::vector<Interval> intervals) {
  std::ranges::sort(intervals, {}, &Interval::first);
  std::vector<Interval> result;
  for (const Interval& next : intervals) {
    if (!result.empty() && (next.first == 0 || next.first - 1 <= result.back().last)) {
      result.back().last = std::max(result.back().last, next.last);
    } else {
      result.push_back(next);
    }
  }
  return result;
}

/// The same with fewer holes: of those only the widest stay.
std::vector<Interval> bounded(const std::vector<Interval>& intervals) {
  if (intervals.size() <= kMostIntervals) return intervals;
  std::vector<base::Uint128> holes;
  for (std::size_t i = 1; i < intervals.size(); ++i) holes.push_back(intervals[i].first - intervals[i - 1].last);
  auto sorted = holes;
  std::ranges::nth_element(sorted, sorted.begin() + (kMostIntervals - 1), std::greater{});
  const base::Uint128 narrow = sorted[kMostIntervals - 1];
  std::vector<Interval> result{intervals.front()};
  for (std::size_t i = 1; i < intervals.size(); ++i) {
    if (holes[i - 1] > narrow) {
      result.push_back(intervals[i]);
    } else {
      result.back().last = intervals[i].last;
    }
  }
  return result;
}

bool has(const std::vector<MaskedAddress>& side, Family family) {
  return std::ranges::any_of(side, [family](const auto& entry) { return entry.family() == family; });
}

}  // namespace

std::vector<Interval> covered(std::span<const Rule> rules, Family family, std::vector<MaskedAddress> Rule::* side) {
  std::vector<Interval> intervals;
  for (const Rule& rule : rules) {
    if (rule.action == policy::Action::kBypass || !has(rule.local, family) || !has(rule.remote, family)) continue;
    for (const MaskedAddress& entry : rule.*side) {
      if (entry.family() == family) intervals.push_back(interval_of(entry.covering_prefix()));
    }
  }
  return bounded(joined(std::move(intervals)));
}

}  // namespace nft
