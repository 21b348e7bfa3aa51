// The answer to `tedctl why`: how one flow fares at this gateway, what happened, and what would make it work.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/flow.hpp"
#include "control/report.hpp"
#include "daemon/diary.hpp"
#include "engine/engine.hpp"

namespace tedd {

/// What the engine does not know.
struct Surroundings {
  bool charon_connected = false;
  bool charon_carries = false;  ///< ESP is charon's: when it is away no tunnel carries anything
  std::string charon_socket;
  bool charon_denied = false;                 ///< it may be there: the right to its socket is missing
  std::span<const engine::Opening> openings;  ///< what the guard lets pass in the clear
  std::optional<std::string> unsent;          ///< why the last packet to that destination did not leave this machine
  std::vector<std::string> blind{};           ///< interfaces at which nothing is taken off the wire, and why
};

/// What to say, and to do, where the socket is closed to us.
[[nodiscard]] std::string no_right_to_charon(const std::string& socket);

[[nodiscard]] control::Why why(const engine::Engine& engine, const Diary& diary, const Surroundings& around,
                               const base::Flow& flow, base::Instant now);

}  // namespace tedd
