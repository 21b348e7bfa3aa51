// A secret that stands for two things.
#pragma once

#include <optional>
#include <string>

#include "config/config.hpp"

namespace config {

/// Reads the files that hold the shared secret of IKE and the keys of discovery, and compares: who has one shall not
/// have the other (configuration.md, [discovery]). A sentence that names both files and the way out, or nothing; a file
/// that cannot be read is told elsewhere.
[[nodiscard]] std::optional<std::string> reused_secret(const Ike& ike, const Discovery& discovery);

}  // namespace config
