// Probes that proved themselves and were seen before: a copy of one says nothing new, and is not answered again.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_set>

#include "base/time.hpp"
#include "engine/limits.hpp"

namespace engine {

/// Only who can prove itself fills it. A proof is stale soon, so what is older than that need not be remembered; with
/// more than kMaxReplays within that time the oldest is forgotten, and its copy gets the answer that it got.
class Replays {
 public:
  /// True when `proof`, the first bytes of it, has been seen; it is noted.
  bool seen(std::uint64_t proof, base::Instant now) {
    while (!oldest_.empty() && (oldest_.front().until <= now || known_.size() >= kMaxReplays)) {
      known_.erase(oldest_.front().proof);
      oldest_.pop_front();
    }
    if (!known_.insert(proof).second) return true;
    oldest_.push_back({proof, now + kReplayWindow});
    return false;
  }

 private:
  struct Entry {
    std::uint64_t proof;
    base::Instant until;
  };
  std::unordered_set<std::uint64_t> known_;
  std::deque<Entry> oldest_;
};

}  // namespace engine
