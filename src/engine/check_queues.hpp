// The path checks of all tunnels, by when something is due and by the cookie of the probe that is out.
#pragma once

#include <bit>
#include <cstdint>

#include "base/flat_index.hpp"
#include "engine/deadlines.hpp"
#include "engine/path_check.hpp"

namespace engine {

/// Each check is in one of the two queues, or in none before its first turn is known; a tunnel that goes takes its own
/// out.
class CheckQueues {
 public:
  using Queue = Deadlines<PathCheck>;

  /// Those that wait for their next probe.
  [[nodiscard]] const Queue& turns() const { return turns_; }
  /// Those whose probe is out.
  [[nodiscard]] const Queue& windows() const { return windows_; }
  /// The one whose probe has that cookie and is out; null when there is none.
  [[nodiscard]] PathCheck* find(const wire::Cookie& cookie) const {
    PathCheck* const* found =
        by_cookie_.find(hash_of(cookie), [&](const PathCheck* check) { return check->cookie == cookie; });
    return found == nullptr ? nullptr : *found;
  }

  /// Asks for the memory that find() reads.
  void fetch(const wire::Cookie& cookie) const { by_cookie_.fetch(hash_of(cookie)); }
  /// Asks for the memory that the next turn, or end of a window, reads; its check is left to the caller.
  void fetch_next() const {
    turns_.fetch();
    if (const PathCheck* const check = next()) base::fetch(check, kReadOfTunnel);
  }
  /// The one with the earlier deadline of the two queues; null when both are empty.
  [[nodiscard]] const PathCheck* next() const {
    if (turns_.empty() || (!windows_.empty() && windows_.next() < turns_.next()))
      return windows_.empty() ? nullptr : &windows_.first();
    return &turns_.first();
  }

  /// Its probe is out, or none is any more: its turn comes then.
  void wait_for_turn(PathCheck& check, base::Instant due) {
    if (check.is_out()) take_out(check);
    check.due = due;
    turns_.set(check, due);
  }
  /// Its probe is out, with that cookie, until then.
  void send(PathCheck& check, const wire::Cookie& cookie, base::Instant until) {
    take_out(check);
    check.cookie = cookie;
    check.due = until;
    by_cookie_.insert(hash_of(cookie), &check);
    windows_.set(check, until);
  }
  /// Nothing if it is in neither.
  void take_out(PathCheck& check) {
    if (!check.is_out()) return turns_.erase(check);
    windows_.erase(check);
    by_cookie_.erase(hash_of(check.cookie), [&check](const PathCheck* one) { return one == &check; });
    check.cookie = {};
  }

 private:
  /// Only our own cookies are kept, and nobody else can tell them beforehand: they are as good as hashes.
  static std::uint64_t hash_of(const wire::Cookie& cookie) { return std::bit_cast<std::uint64_t>(cookie); }

  Queue turns_;
  Queue windows_;
  base::FlatIndex<PathCheck*> by_cookie_;
};

}  // namespace engine
