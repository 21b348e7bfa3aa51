// Cisco IOS: crypto access lists and crypto maps to rules.
#pragma once

#include <string_view>

#include "migrate/imported.hpp"

namespace migrate {

/// What `show running-config` prints, as rules.
///
/// Crypto maps that an interface has are read, all of them when none has; of each the entries by their numbers, and of
/// each entry its access list. `permit` protects, and `deny` goes on to the next entry of the map, and past the last
/// one into the clear: a bypass here, before which stands what a later entry permits of it. Dynamic maps answer only
/// (`discover = false`), unless the map that refers to them says `discover`.
[[nodiscard]] Imported import_ios(std::string_view text);

}  // namespace migrate
