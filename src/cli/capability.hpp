// Capability flags by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/message.hpp"

namespace cli {

/// `selector-list`, `keyed-hash`, `signature`, `tells-tunnels`, `tunnel-stands`, `tunnel-coming`,
/// `tunnel-mine`, `tunnel-yours`; `bit-N` for a flag without a name. The lowest bit first.
[[nodiscard]] std::vector<std::string> capability_names(wire::Capabilities capabilities);

/// The flag of that name, as capability_names() writes it.
[[nodiscard]] std::optional<wire::Capabilities> capability_named(std::string_view name);

}  // namespace cli
