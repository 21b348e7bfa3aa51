// A rate limit: so many a second, so many at once after silence.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.hpp"

namespace engine {

class TokenBucket {
 public:
  /// Full at first.
  constexpr TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}

  /// Whether there is a token. A `now` before the last one adds nothing.
  constexpr bool has(base::Instant now) {
    if (now > last_) {
      const std::chrono::duration<double> passed = now - last_;
      tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
      last_ = now;
    }
    return tokens_ >= 1;
  }
  /// Takes one token, if there is one.
  constexpr bool take(base::Instant now) {
    if (!has(now)) return false;
    tokens_ -= 1;
    return true;
  }
  /// Empties it, and so many tokens have to come before the next can be taken.
  constexpr void owe(double tokens, base::Instant now) {
    (void)has(now);
    tokens_ = -tokens;
  }

  /// What is left as of the last call; below zero while some are owed.
  [[nodiscard]] constexpr double left() const { return tokens_; }

 private:
  double per_second_;
  double burst_;
  double tokens_;
  base::Instant last_{};
};

}  // namespace engine
