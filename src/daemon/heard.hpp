// What came here of other gateways about a flow: whoever is not answered cannot know why, and asks at this end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/flow.hpp"
#include "base/time.hpp"
#include "control/reply.hpp"
#include "engine/engine.hpp"

namespace tedd {

/// As long as the engine is left alone.
class Heard {
 public:
  /// `flow` is written from our side.
  Heard(const engine::Engine& engine, const base::Flow& flow, base::Instant now);

  /// The last probe for it that was not answered, by the id that the log has; nothing when there is none.
  [[nodiscard]] std::optional<control::Event> step() const;
  /// What to say of that one, and the way out; nothing when there is none.
  [[nodiscard]] std::vector<std::string> unanswered() const;
  /// The same, and of one that was answered; or that none came.
  [[nodiscard]] std::vector<std::string> all() const;

 private:
  const engine::Engine& engine_;
  base::Flow flow_;
  base::Instant now_;
  const engine::UnansweredProbe* probe_;  ///< null without one
  std::string story_;
};

}  // namespace tedd
