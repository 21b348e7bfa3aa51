// What the engine needs from outside and cannot compute: chance, a keyed hash, and who listens. They are ports, so that
// a simulation gives its own and the same seed gives the same bytes.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "engine/authenticator.hpp"
#include "engine/report.hpp"

namespace engine {

/// Chance of two qualities. Lives as long as the engine.
class Random {
 public:
  virtual ~Random() = default;
  /// 64 bits that nobody off this machine can predict: cookies.
  [[nodiscard]] virtual std::uint64_t secret() = 0;
  /// A number below `bound` (not 0) that need not be secret: spreading timers.
  [[nodiscard]] virtual std::uint64_t jitter(std::uint64_t bound) = 0;
};

/// A pseudo-random function under a key that lives as long as this object and never leaves it. It makes the responder's
/// cookies, so that a responder keeps no state for a probe.
class KeyedHash {
 public:
  virtual ~KeyedHash() = default;
  [[nodiscard]] virtual std::uint64_t hash(base::ByteView bytes) = 0;
};

/// Who reads reports. Of what anybody on the network can cause, a flood would have most time go into sentences that
/// nobody reads: the engine asks first.
class Audience {
 public:
  virtual ~Audience() = default;
  /// False: a report of that kind would go unread now, and is not put together. Asked once for each.
  [[nodiscard]] virtual bool wants(ReportId id) = 0;
};

struct Ports {
  Random& random;
  KeyedHash& keyed_hash;
  Audience* audience = nullptr;            ///< null: somebody reads everything
  Authenticator* authenticator = nullptr;  ///< null: nothing is proved, and nobody proves anything
};

}  // namespace engine
