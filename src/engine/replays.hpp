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
  /// True when `proof`, the first bytes of it, has been noted.
  [[nodiscard]] bool knows(std::uint64_t proof, base::Instant now) {
    forget([now](const Entry& oldest) { return oldest.until <= now; });
    return known_.contains(proof);
  }
  /// One that holds, and is not known. False when another one was forgotten for it whose copies may still come.
  bool note(std::uint64_t proof, base::Instant now) {
    const bool full = known_.size() >= kMaxReplays;
    forget([this](const Entry&) { return known_.size() >= kMaxReplays; });
    if (known_.insert(proof).second) oldest_.push_back({proof, now + kReplayWindow});
    return !full;
  }

 private:
  struct Entry {
    std::uint64_t proof;
    base::Instant until;
  };
  template <class Wanted>
  void forget(Wanted wanted) {
    while (!oldest_.empty() && wanted(oldest_.front())) {
      known_.erase(oldest_.front().proof);
      oldest_.pop_front();
    }
  }

  std::unordered_set<std::uint64_t> known_;
  std::deque<Entry> oldest_;
};

}  // namespace engine
