// Reading [ike].
#pragma once

#include <string>

#include "config/config.hpp"
#include "config/section.hpp"

namespace config {

/// Paths of files begin at the folder of `file`, the configuration, unless they are absolute.
[[nodiscard]] Ike read_ike(Section& section, const std::string& file);

}  // namespace config
