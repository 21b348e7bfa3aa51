// The two forms that discovery has: docs/protocol.md.
#pragma once

#include <cstdint>

namespace engine {

enum class Form : std::uint8_t {
  kVersion3,  ///< whole proxies
  kDraft,     ///< of versions 1 and 2: half proxies
};

}  // namespace engine
