// Keys that a reload cannot change.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace config {

/// A sentence for each such key that `fresh` has otherwise than `running`: the key, both values and the way out. None
/// when a reload can take `fresh`.
[[nodiscard]] std::vector<std::string> fixed_changes(const Config& running, const Config& fresh);

}  // namespace config
