// strongSwan's swanctl.conf: the selectors of its children to rules.
#pragma once

#include <string_view>

#include "migrate/imported.hpp"

namespace migrate {

/// Every child of every connection. strongSwan asks for policies by their priority, not by their place: children that
/// pass come first, then those with tunnels, then those that drop; so do their rules.
[[nodiscard]] Imported import_swanctl(std::string_view text);

}  // namespace migrate
