// Reading [discovery].
#pragma once

#include <string>

#include "config/config.hpp"
#include "config/section.hpp"

namespace config {

/// Paths of files begin at the folder of `file`, the configuration, unless they are absolute.
[[nodiscard]] Discovery read_discovery(Section& section, const std::string& file);

}  // namespace config
