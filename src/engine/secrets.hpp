// A secret of its own for each table of what others choose, so that what is seen of one tells nothing of another.
#pragma once

#include <array>
#include <cstdint>

#include "engine/ports.hpp"

namespace engine {

enum class Secret : std::uint8_t {
  kAdmission = 1,
  kProvenAdmission,
  kUnanswered,
  kCarriers,
  kPace,
  kRefusals,
  kPeers,
  kAsked,
};

/// As long as `ports` the same.
[[nodiscard]] inline std::uint64_t secret_of(const Ports& ports, Secret secret) {
  return ports.keyed_hash.hash(std::array<std::uint8_t, 1>{static_cast<std::uint8_t>(secret)});
}

}  // namespace engine
