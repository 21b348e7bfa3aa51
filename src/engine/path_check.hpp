// What is remembered of the checks of one tunnel's path (engine/path_checks.hpp). It stands in the tunnel: whoever
// looks at one looks at the other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/time.hpp"
#include "engine/deadlines.hpp"
#include "engine/event.hpp"
#include "wire/message.hpp"

namespace engine {

struct Tunnel;

/// What the answers to one probe said: of several, the last of these.
enum class Heard : std::uint8_t { kNothing, kElsewhere, kLost, kStands };

struct PathCheck {
  TunnelId id{};
  Tunnel* tunnel = nullptr;  ///< the one that it stands in
  std::uint32_t place = kNoPlace;
  Heard heard = Heard::kNothing;
  std::uint8_t strikes = 0;
  std::uint8_t idle_turns = 0;  ///< in a row: other tunnels carried all that this one does
  bool was_on_path = false;     ///< the tunnel's other end has answered one of these probes itself
  base::Instant due{};          ///< its turn, or the end of its probe's window
  base::Instant sent{};
  wire::Cookie cookie{};    ///< of the probe that is out; zero: none is
  base::Flow flow;          ///< what was probed for last
  base::Address elsewhere;  ///< who answered in the place of the tunnel's other end

  [[nodiscard]] bool is_out() const { return cookie != wire::Cookie{}; }
};

/// Bytes of a tunnel, from its check on, that a check reads and writes.
inline constexpr std::size_t kReadOfTunnel = 320;

}  // namespace engine
