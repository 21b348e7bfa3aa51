// Reading [discovery].
#pragma once

#include <string>

#include "config/config.hpp"
#include "config/section.hpp"

namespace config {

/// Paths of files begin at the folder of `file`, the configuration, unless they are absolute. `auth` is that of [ike]:
/// who signs needs its certificate.
[[nodiscard]] Discovery read_discovery(Section& section, const std::string& file, Auth auth);

}  // namespace config
