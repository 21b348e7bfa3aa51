// What those who may only look cost the loop: half of its time, however many of them ask for however much.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include "base/time.hpp"

namespace tedd {

/// After requests that took long, together or one alone, their like rest as long as they took; those that come
/// meanwhile, or while others wait, have their turns in the order in which they came.
template <class Id>
class ReaderPace {
 public:
  /// Less is not worth a pause: it is added to what comes next.
  static constexpr base::Duration kDear = std::chrono::milliseconds(1);

  /// Whether one that comes now has to wait for its turn.
  [[nodiscard]] bool is_taken(base::Instant now) const { return now < until_ || waits(); }
  /// When the rest ends, or has ended.
  [[nodiscard]] base::Instant until() const { return until_; }
  void took(base::Instant began, base::Instant ended) {
    spent_ += ended - began;
    if (spent_ >= kDear) until_ = ended + std::exchange(spent_, {});
  }

  /// Takes its place behind those that wait; once.
  void wait(Id one) { waiting_.push_back(one); }
  /// It has gone: nobody waits for its turn.
  void leave(Id one) { std::erase(waiting_, one); }
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
  base::Duration spent_{};  ///< since the last rest
  std::deque<Id> waiting_;
};

}  // namespace tedd
