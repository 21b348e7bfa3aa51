// A policy out of a configuration file, for the commands that work offline.
#pragma once

#include <optional>
#include <string>

#include "policy/snapshot.hpp"

namespace cli {

/// The file's rules; nothing, and every mistake complained about, when the file is not good.
[[nodiscard]] std::optional<policy::Snapshot> load_policy(const std::string& file);

}  // namespace cli
