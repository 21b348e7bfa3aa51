// What those who may only look cost the loop: half of its time, however many of them ask for however much.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include "base/time.hpp"

namespace tedd {

/// After a request that took long its like rest as long as it took; those that come meanwhile have their turns in the
/// order in which they came.
template <class Id>
class ReaderPace {
 public:
  /// Less is not worth a pause: nearly every request.
  static constexpr base::Duration kDear = std::chrono::milliseconds(1);

  [[nodiscard]] bool rests(base::Instant now) const { return now < until_; }
  /// When the rest ends, or has ended.
  [[nodiscard]] base::Instant until() const { return until_; }
  void took(base::Instant began, base::Instant ended) {
    if (ended - began >= kDear) until_ = ended + (ended - began);
  }

  /// Takes its place behind those that wait; once.
  void wait(Id one) { waiting_.push_back(one); }
  [[nodiscard]] bool waits() const { return !waiting_.empty(); }
  /// Whose turn it is; nothing when nobody waits.
  [[nodiscard]] std::optional<Id> next() {
    if (waiting_.empty()) return std::nullopt;
    const Id first = waiting_.front();
    waiting_.pop_front();
    return first;
  }

 private:
  base::Instant until_{};
  std::deque<Id> waiting_;
};

}  // namespace tedd
