// CHILD_SAs that have to go: charon is asked until one says that it went.
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
  /// Half a minute of asking: whatever stands in the way for longer is for the operator.
  static constexpr int kAttempts = 12;
  /// As many as the engine follows.
  static constexpr std::size_t kMax = 65'536;

  /// Due at once. False when there is no room.
  [[nodiscard]] bool add(std::uint32_t child_id, base::Instant now);
  /// It went, or goes on under another id. False when its end is not wanted.
  bool forget(std::uint32_t child_id);
  void clear();

  /// One whose end is to be asked for now; on_asked() is due.
  [[nodiscard]] std::optional<std::uint32_t> next(base::Instant now) const;
  /// It was asked for: the answer comes.
  void on_asked(std::uint32_t child_id);
  /// It was refused: again after a pause. False when that is enough; it is forgotten then.
  [[nodiscard]] bool on_refused(std::uint32_t child_id, base::Instant now);
  [[nodiscard]] std::optional<base::Instant> next_deadline() const;

 private:
  struct Wanted {
    std::optional<base::Instant> ask_at;  // nothing: asked, and not refused
    base::Duration pause = kFirstPause;
    int attempts = 0;
  };

  void schedule(std::uint32_t child_id, Wanted& wanted, std::optional<base::Instant> ask_at);

  std::map<std::uint32_t, Wanted> wanted_;
  std::set<std::pair<base::Instant, std::uint32_t>> due_;  // those of them with a time
};

}  // namespace vici
