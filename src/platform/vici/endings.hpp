// CHILD_SAs that have to go: charon is asked until one says that it went, and after a while not to wait for the peer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/time.hpp"

namespace vici {

/// Does no input or output: Charon asks for what is due. Whoever wants an end has forgotten the tunnel by then, so
/// nobody else would ask again.
class Endings {
 public:
  static constexpr base::Duration kFirstPause = std::chrono::milliseconds(100);
  static constexpr base::Duration kLastPause = std::chrono::seconds(5);
  /// A peer that is there answers a delete within a round trip, and one whose answer is lost has to do without. charon
  /// itself goes on asking it for minutes.
  static constexpr base::Duration kOrderly = std::chrono::seconds(2);
  /// Half a minute of asking: whatever stands in the way for longer is for the operator.
  static constexpr int kAttempts = 12;
  /// As many as the engine follows.
  static constexpr std::size_t kMax = 65'536;

  struct Ask {
    std::uint32_t child_id = 0;
    bool force = false;  ///< the IKE_SA around it is to go at once; the peer is told, and not waited for
  };

  /// Due at once. False when there is no room.
  [[nodiscard]] bool add(std::uint32_t child_id, bool force, base::Instant now);
  /// What was added of it, when it went or goes on under another id. Nothing when its end is not wanted.
  std::optional<Ask> forget(std::uint32_t child_id);
  void clear();

  /// One whose end is to be asked for now; on_asked() is due.
  [[nodiscard]] std::optional<Ask> next(base::Instant now) const;
  /// It is asked for; if it still stands after kOrderly it is due again, with force. False when it was asked for often
  /// enough: it is forgotten then, and not to be asked for.
  [[nodiscard]] bool on_asked(std::uint32_t child_id, base::Instant now);
  /// It was refused: again after a pause. False when that is enough; it is forgotten then.
  [[nodiscard]] bool on_refused(std::uint32_t child_id, base::Instant now);
  [[nodiscard]] std::optional<base::Instant> next_deadline() const;

 private:
  struct Wanted {
    base::Instant ask_at{};
    base::Duration pause = kFirstPause;
    int attempts = 0;
    bool force = false;
    bool is_taken = false;  ///< charon took the last order, or has not said otherwise
  };

  void schedule(std::uint32_t child_id, Wanted& wanted, base::Instant ask_at);

  std::map<std::uint32_t, Wanted> wanted_;
  std::set<std::pair<base::Instant, std::uint32_t>> due_;
};

}  // namespace vici
